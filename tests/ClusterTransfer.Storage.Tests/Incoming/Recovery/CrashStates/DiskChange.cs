using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Tests.Incoming.Recovery.CrashStates;

/// <summary>One thing that a call did to a disk, in the order in which it happened.</summary>
internal abstract record DiskChange;

/// <summary>A file, folder or link came to be, without a name yet.</summary>
/// <param name="Node">Its number in the log.</param>
/// <param name="Status">What it is; its identity is what the journal may have noted.</param>
/// <param name="LinkTarget">Of a link.</param>
internal sealed record Made(int Node, FileStatus Status, string? LinkTarget) : DiskChange;

/// <summary>Bytes of a file, and its size, became others. Until the file's flush it may be there, be missing or be torn.</summary>
internal sealed record Written(int Node, long Offset, byte[] Bytes, long Size) : DiskChange;

/// <summary>Mode or time became others. Until the file's full flush those that were set may be the old ones; a time that a write or a new name brought along comes with it.</summary>
internal sealed record Attributed(int Node, int Mode, long ModifiedNs, bool IsSet) : DiskChange;

/// <summary>Names changed in one step. Until the flush of all folders it is about it may not have happened.</summary>
/// <param name="Removed">Names that went.</param>
/// <param name="Added">Names that came, and what they stand for.</param>
internal sealed record Named(IReadOnlyList<(int Folder, string Name)> Removed, IReadOnlyList<(int Folder, string Name, int Node)> Added) : DiskChange
{
    public IEnumerable<int> Folders => Removed.Select(name => name.Folder).Concat(Added.Select(name => name.Folder));
}

/// <summary>A flush that was called; from the next change on it holds.</summary>
/// <param name="Node">Of what; null for the whole file system.</param>
/// <param name="DataOnly">Bytes and size, not mode and time.</param>
internal sealed record Flushed(int? Node, bool DataOnly) : DiskChange;

/// <summary>What the code told somebody, and must hold from here on.</summary>
/// <param name="Durable">Chunks.</param>
/// <param name="Published">Files.</param>
internal sealed record Promised(IReadOnlyList<uint> Durable, IReadOnlyList<string> Published) : DiskChange;
