using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Outgoing.Scanning;
using ClusterTransfer.Storage.Outgoing.State;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.Reading;

/// <summary>Reads and hashes chunks, and makes sure that what it read is the file that was scanned. Thread-safe.</summary>
internal sealed class ChunkReader(SourceTree tree, DigestCache digests, int maxOpenFiles) : IDisposable
{
    // A file whose metadata changes while it is read is read again; one that changes all the time is given up.
    private const int Attempts = 3;

    private readonly SourceFiles _files = new(maxOpenFiles);

    /// <summary>Reads a chunk of a large file.</summary>
    public ChunkRead ReadOwn(in PlannedChunk chunk, ManifestEntry entry, Span<byte> buffer)
    {
        using SourceFiles.Loan? loan = _files.Borrow(chunk.Entry, () => OpenLarge(entry), out Problem? problem);
        if (loan is null)
        {
            return ChunkRead.Failed(problem!); // Borrow gives one or the other
        }

        problem = ReadExactly(loan.File, entry, chunk.FileOffset, buffer[..chunk.Length]) ?? ProblemOf(loan.File, entry);
        if (problem is null)
        {
            Digest digest = DigestOf(buffer[..chunk.Length], chunk, entry);
            Digest before = digests.Get(chunk.Index);
            if (before.IsEmpty || before == digest)
            {
                digests.Set(chunk.Index, digest);
                return new ChunkRead(chunk.Length, digest, [], null);
            }

            // What was sent before and what would be sent now are two versions of one file.
            problem = SourceProblems.Changed(entry.Path, "was written to after it was read before");
        }

        _files.Forget(chunk.Entry);
        return ChunkRead.Failed(problem);
    }

    /// <summary>Reads the members of a packed chunk. One that changed or cannot be read is absent; the others stand without gaps.</summary>
    public ChunkRead ReadPack(ReadOnlySpan<PackMember> members, ManifestPage page, Span<byte> buffer)
    {
        var present = new PackMemberDigest[members.Length];
        List<EntryProblem>? absent = null;
        int count = 0;
        int length = 0;
        foreach (PackMember member in members)
        {
            ManifestEntry entry = page.Entries[(int)(member.Entry.Value - page.FirstEntry)];
            Span<byte> room = buffer.Slice(length, member.Length);
            if (ReadWhole(entry, room) is { } problem)
            {
                (absent ??= []).Add(new EntryProblem(member.Entry, problem));
                continue;
            }

            present[count++] = new PackMemberDigest(member.Entry, member.Length, Blake3.Hash(room));
            length += member.Length;
        }

        return new ChunkRead(length, PackDigest.Compute(present.AsSpan(0, count)), absent ?? (IReadOnlyList<EntryProblem>)[], null);
    }

    /// <summary>The root of a file with chunks of its own, from what was hashed while reading; what is unknown is read again.</summary>
    /// <remarks>Opens the file by its name once more: one that was replaced meanwhile is changed, even if the old one could still be read.
    /// When only its change time differs from the manifest, all of it is hashed again and compared with what was sent.</remarks>
    public FileRoot RootOf(ManifestEntry entry, ChunkIndex first, int count, Func<ChunkIndex, PlannedChunk> plan, CancellationToken cancellationToken)
    {
        (FileHandle? opened, Problem? problem) = OpenLarge(entry);
        using FileHandle? file = opened;
        for (int attempt = 0; file is not null && attempt < Attempts; attempt++)
        {
            FileStatus before = file.Status();
            SourceIdentity identity = SourceIdentities.Compare(entry.Identity, before);
            if (identity == SourceIdentity.Different)
            {
                problem = SourceProblems.Changed(entry.Path, SourceIdentities.Describe(entry.Identity, before));
                break;
            }

            // A change during an earlier attempt shows here as another change time, so that attempt's trust in stored values ends too.
            problem = ProblemOfHoles(file, entry, plan(first).ChunkSize);
            if (problem is not null)
            {
                break;
            }

            (Digest root, problem) = Combine(file, entry, first, count, plan, compareAll: identity != SourceIdentity.Same, cancellationToken);
            if (problem is not null)
            {
                break;
            }

            if (file.Status() == before)
            {
                return new FileRoot(root, null);
            }

            problem = SourceProblems.Changed(entry.Path, "changes again and again while it is read");
        }

        _files.Forget(plan(first).Entry);
        return new FileRoot(default, problem);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private static Digest DigestOf(ReadOnlySpan<byte> bytes, in PlannedChunk chunk, ManifestEntry entry) =>
        entry.Size > chunk.ChunkSize ? Blake3.SubtreeValue(bytes, chunk.FileOffset) : Blake3.Hash(bytes);

    private static Problem? ReadExactly(FileHandle file, ManifestEntry entry, long offset, Span<byte> buffer)
    {
        Errno errno = file.TryRead(buffer, offset, out int length);
        if (errno != Errno.None)
        {
            return new Problem(
                errno == Errno.InputOutput ? Reason.DiskError : Reason.SourceUnreadable, $"'{entry.Path}' cannot be read at byte {offset + length}: {errno.Text()}.");
        }

        return length == buffer.Length ? null : SourceProblems.Changed(entry.Path, $"ends at byte {offset + length}, but had {entry.Size} bytes when it was scanned");
    }

    private static Problem? ProblemOf(FileHandle file, ManifestEntry entry) => ProblemOf(file.Status(), entry);

    private static Problem? ProblemOf(in FileStatus now, ManifestEntry entry)
    {
#if TEETH
        if (Tooth.Bites("source-change-unseen"))
        {
            return null;
        }

#endif
        return SourceIdentities.Compare(entry.Identity, now) == SourceIdentity.Different
            ? SourceProblems.Changed(entry.Path, SourceIdentities.Describe(entry.Identity, now))
            : null;
    }

    private static Problem? ProblemOfHoles(FileHandle file, ManifestEntry entry, int piece)
    {
        try
        {
            return HoleMap.AreStillEmpty(file, entry, piece) ? null : SourceProblems.Changed(entry.Path, "was written to where it had a hole");
        }
        catch (NativeException error)
        {
            return new Problem(error.Errno == Errno.InputOutput ? Reason.DiskError : Reason.SourceUnreadable, $"'{entry.Path}' cannot be read: {error.Errno.Text()}.");
        }
    }

    private (FileHandle? File, Problem? Problem) OpenLarge(ManifestEntry entry)
    {
        (FileHandle? file, _, Problem? problem) = Open(entry);
        file?.AdviseSequential();
        return (file, problem);
    }

    private (FileHandle? File, FileStatus Status, Problem? Problem) Open(ManifestEntry entry)
    {
        Errno errno = tree.Location.Root.TryOpenFile(tree.ToSource(entry.Path).Bytes, out FileHandle? file);
        if (SourceProblems.IsShortage(errno))
        {
            throw new ClusterTransferException(SourceProblems.Of(errno, entry.Path.ToString()));
        }

        if (file is null)
        {
            return (null, default, SourceProblems.OfScanned(errno, entry.Path));
        }

        FileStatus status = file.Status();
        if (ProblemOf(status, entry) is { } problem)
        {
            file.Dispose();
            return (null, default, problem);
        }

        return (file, status, null);
    }

    // Of a small file the calls cost more than its bytes: one look at it before they are read and one after.
    private Problem? ReadWhole(ManifestEntry entry, Span<byte> buffer)
    {
        (FileHandle? opened, FileStatus before, Problem? problem) = Open(entry);
        using FileHandle? file = opened;
        for (int attempt = 0; file is not null && attempt < Attempts; attempt++)
        {
            problem = ReadExactly(file, entry, 0, buffer);
            FileStatus after = file.Status();
            problem ??= ProblemOf(after, entry);
            if (problem is not null || after == before)
            {
                return problem;
            }

            before = after;
            problem = SourceProblems.Changed(entry.Path, "changes again and again while it is read");
        }

        return problem;
    }

    private (Digest Root, Problem? Problem) Combine(
        FileHandle file, ManifestEntry entry, ChunkIndex first, int count, Func<ChunkIndex, PlannedChunk> plan, bool compareAll, CancellationToken cancellationToken)
    {
        var tree = new Blake3Tree();
        byte[]? buffer = null;
        Digest digest = default;
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PlannedChunk chunk = plan(new ChunkIndex(first.Value + (uint)i));
            Digest known = digests.Get(chunk.Index);
            digest = known;
            if (known.IsEmpty || compareAll)
            {
                buffer ??= GC.AllocateUninitializedArray<byte>(chunk.Length);
                Span<byte> bytes = buffer.AsSpan(0, chunk.Length);
                if (ReadExactly(file, entry, chunk.FileOffset, bytes) is { } problem)
                {
                    return (default, problem);
                }

                digest = DigestOf(bytes, chunk, entry);
                if (!known.IsEmpty && known != digest)
                {
                    return (default, SourceProblems.Changed(entry.Path, "was written to while it was read"));
                }

                digests.Set(chunk.Index, digest);
            }

            tree.Add(digest);
        }

        return (count == 1 ? digest : tree.Root(), null);
    }
}
