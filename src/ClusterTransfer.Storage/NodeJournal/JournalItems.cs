using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>Chunks from <paramref name="First"/> on.</summary>
public readonly record struct ChunkRange(uint First, uint Count);

/// <summary>What makes a file the one we wrote, whatever its name: an inode number alone is given out again.</summary>
internal readonly record struct StagedIdentity(ulong Device, ulong Inode, long BornNs)
{
    public static StagedIdentity Of(in FileStatus status) => new(status.Device, status.Inode, status.BornNs);
}

/// <summary>A staged file whose bytes, mode and times are flushed and whose root is known. Links have an empty root.</summary>
internal readonly record struct VerifiedFile(uint Entry, StagedIdentity Identity, Digest Root)
{
    /// <summary>Bytes in the journal.</summary>
    public const int Size = 60;
}

/// <summary>An entry that will not be delivered. Silent: the user asked for that, so it is counted and not listed.</summary>
internal readonly record struct SettledEntry(uint Entry, FileState State, Problem Problem, bool IsSilent);
