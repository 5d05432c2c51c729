using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <content>Chunks: bounds, phase, hash over what arrived, then one write. No lock is held while hashing or writing.</content>
public sealed partial class IncomingTransfer
{
    private const int PrivateFile = 0x180; // 0600
    private const int PlainModes = 0x1ff; // 0777

    /// <summary>Takes a chunk. Thread-safe; a second copy of a chunk in hand waits for the first.</summary>
    /// <param name="index">Which.</param>
    /// <param name="expected">The digest the source sent with it.</param>
    /// <param name="absent">For a pack: members that the source left out, rising. They are parked unless <see cref="EntryFailed"/> says why.</param>
    /// <param name="payload">Its bytes, uncompressed; borrowed until the call returns.</param>
    public ChunkWrite WriteChunk(ChunkIndex index, Digest expected, ReadOnlySpan<uint> absent, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _writers++;
        }

        try
        {
            return WriteCounted(index, expected, absent, payload);
        }
        catch (NativeException error)
        {
            return new ChunkWrite(ChunkWriteOutcome.Failed, Problem: AtDestination(error));
        }
        catch (ClusterTransferException error)
        {
            return new ChunkWrite(ChunkWriteOutcome.Failed, Problem: error.Problem);
        }
        finally
        {
            lock (_gate)
            {
                _writers--;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private ChunkWrite WriteCounted(ChunkIndex index, Digest expected, ReadOnlySpan<uint> absent, ReadOnlySpan<byte> payload)
    {
        if (!_state.Pages.TryFindChunk(index.Value, out IncomingPage? page))
        {
            return new ChunkWrite(ChunkWriteOutcome.OutOfRange);
        }

        LoadedPage loaded = _state.Pages.Load(page);
        PlannedChunk chunk = loaded.Plan.At(index);
        ReadOnlySpan<PackMember> members = loaded.Plan.MembersOf(chunk);
        if (!TryMeasure(chunk, members, absent, out int length))
        {
            return new ChunkWrite(ChunkWriteOutcome.OutOfRange);
        }

        if (payload.Length != length)
        {
            return new ChunkWrite(ChunkWriteOutcome.WrongLength);
        }

        lock (_gate)
        {
            if (FindKnownLocked(page, chunk, members, expected, absent) is { } known)
            {
                return known;
            }
        }

        var present = new List<PackMemberDigest>(members.Length);
        Digest actual = Hash(loaded, chunk, members, absent, payload, present);
#if TEETH
        actual = Tooth.Bites("crc-decides") ? expected : actual; // the CRC32C of its frame was right
#endif
        if (actual != expected)
        {
            return new ChunkWrite(ChunkWriteOutcome.Corrupt, actual);
        }

        HashSet<uint>? wanted = null;
        lock (_gate)
        {
            while (true)
            {
                if (FindKnownLocked(page, chunk, members, expected, absent) is { } known)
                {
                    return known;
                }

                if (!_fenced.Contains(chunk.Entry.Value) && _ledger.InProgress.Add(index.Value))
                {
                    _hasBegun = true;
                    break;
                }

                Monitor.Wait(_gate);
            }

            if (chunk.IsPacked)
            {
                wanted = [];
                foreach (PackMemberDigest member in present)
                {
                    if (page.StateOf(member.Entry.Value) == EntryState.Pending)
                    {
                        wanted.Add(member.Entry.Value);
                    }
                }
            }
        }

        WrittenChunk? written = null;
        try
        {
            List<VerifiedFile>? staged = null;
            if (wanted is null)
            {
                WriteLarge(loaded, chunk, payload);
            }
            else
            {
                staged = WritePack(loaded, present, wanted, payload);
            }

            written = new WrittenChunk(actual, chunk.Length, staged, absent.ToArray());
            return new ChunkWrite(ChunkWriteOutcome.Stored);
        }
        finally
        {
            lock (_gate)
            {
                _ledger.InProgress.Remove(index.Value);
                if (written is not null)
                {
                    _ledger.Add(index.Value, written);
                }

                Monitor.PulseAll(_gate);
            }
        }
    }

    // Bytes that the present members have together; false when an absent one is not of the pack.
    private static bool TryMeasure(in PlannedChunk chunk, ReadOnlySpan<PackMember> members, ReadOnlySpan<uint> absent, out int length)
    {
        length = chunk.Length;
        int at = 0;
        foreach (uint entry in absent)
        {
            while (at < members.Length && members[at].Entry.Value != entry)
            {
                at++;
            }

            if (at == members.Length)
            {
                return false;
            }

            length -= members[at].Length;
            at++;
        }

        return true;
    }

    private static Digest Hash(
        LoadedPage loaded, in PlannedChunk chunk, ReadOnlySpan<PackMember> members, ReadOnlySpan<uint> absent, ReadOnlySpan<byte> payload, List<PackMemberDigest> present)
    {
        if (!chunk.IsPacked)
        {
            return ValueOf(chunk, loaded.Entry(chunk.Entry.Value).Size, payload);
        }

        int offset = 0;
        foreach (PackMember member in members)
        {
            if (!absent.Contains(member.Entry.Value))
            {
                present.Add(new PackMemberDigest(member.Entry, member.Length, Blake3.Hash(payload.Slice(offset, member.Length))));
                offset += member.Length;
            }
        }

        return PackDigest.Compute(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(present));
    }

    // The only chunk of a file is its whole tree; any other is a subtree at its offset.
    private static Digest ValueOf(in PlannedChunk chunk, long fileSize, ReadOnlySpan<byte> payload) =>
        fileSize <= chunk.ChunkSize ? Blake3.Hash(payload) : Blake3.SubtreeValue(payload, chunk.FileOffset);

    // What needs no write: the transfer or the file has ended, or the chunk is here.
    private ChunkWrite? FindKnownLocked(IncomingPage page, in PlannedChunk chunk, ReadOnlySpan<PackMember> members, Digest expected, ReadOnlySpan<uint> absent)
    {
        if (_isDisposed || _state.IsFinished || _state.IsCancelled)
        {
            return new ChunkWrite(ChunkWriteOutcome.NotWanted);
        }

        if (_failure is not null || _journal.IsBroken)
        {
            return new ChunkWrite(ChunkWriteOutcome.Failed, Problem: _failure ?? new Problem(Reason.SessionLost, "The node journal could not be flushed; this node must stop."));
        }

        int bit = (int)(chunk.Index.Value - page.FirstChunk);
        if (_ledger.TryGet(chunk.Index.Value, out WrittenChunk? written))
        {
            bool sameMembers = absent.SequenceEqual(written!.Absent); // set when found
            return Compare(written.Value, expected, sameMembers, isDurable: false);
        }

#if TEETH
        if (Tooth.Bites("late-chunk-written"))
        {
            return null;
        }

#endif
        if (page.Durable[bit])
        {
            // A pack sent again after one of its files vanished has another digest; what we hold of it is whole all the same.
            bool sameMembers = true;
            foreach (PackMember member in members)
            {
                bool delivered = page.StateOf(member.Entry.Value) is EntryState.Verified or EntryState.Published;
                sameMembers &= delivered != absent.Contains(member.Entry.Value);
            }

            return Compare(_digests.Read(chunk.Index.Value), expected, sameMembers, isDurable: true);
        }

        bool isOpen = !page.NotWanted[bit] && (chunk.IsPacked || page.StateOf(chunk.Entry.Value) == EntryState.Pending);
        return isOpen ? null : new ChunkWrite(ChunkWriteOutcome.NotWanted, IsDurable: true);
    }

    private static ChunkWrite Compare(Digest stored, Digest expected, bool sameMembers, bool isDurable) => stored == expected || !sameMembers
#if TEETH
        || Tooth.Bites("length-only-duplicate")
#endif
        ? new ChunkWrite(ChunkWriteOutcome.Duplicate, stored, isDurable)
        : new ChunkWrite(ChunkWriteOutcome.Conflict, stored, isDurable);

    private void WriteLarge(LoadedPage loaded, in PlannedChunk chunk, ReadOnlySpan<byte> payload)
    {
        FileShape shape = loaded.ShapeOf(chunk.Entry.Value);
        StagedFile file = _staged.Borrow(chunk.Entry.Value, shape, out bool created);
        try
        {
            if (created)
            {
                Release(loaded.BytesOf(chunk.Entry.Value));
            }

            Fault("d5.before");
            Errno errno = shape.TryWrite(file, payload, chunk.FileOffset);
            file.IsDirty = true;
            errno.OrThrow("write", file.Handle!); // open while it is lent
            Fault("d5.after");
        }
        finally
        {
            _staged.Return(file);
        }
    }

    private List<VerifiedFile> WritePack(LoadedPage loaded, List<PackMemberDigest> present, HashSet<uint> wanted, ReadOnlySpan<byte> payload)
    {
        var staged = new List<VerifiedFile>(wanted.Count);
        int offset = 0;
        try
        {
            foreach (PackMemberDigest member in present)
            {
                int length = (int)member.Length;
                if (wanted.Contains(member.Entry.Value))
                {
                    Fault("d5.before");
                    StagedIdentity identity = WriteMember(loaded.Entry(member.Entry.Value), member, payload.Slice(offset, length));
                    staged.Add(new VerifiedFile(member.Entry.Value, identity, member.Root));
                    Fault("d5.after");
                }

                offset += length;
            }
        }
        catch (NativeException)
        {
            staged.ForEach(file => StagedFiles.RemoveName(_staging, StagedFiles.NameOf(file.Entry)));
            throw;
        }

        foreach (VerifiedFile file in staged)
        {
            Release(loaded.Entry(file.Entry).Size);
        }

        _staged.HasNewNames = true;
        return staged;
    }

    private StagedIdentity WriteMember(ManifestEntry entry, in PackMemberDigest member, ReadOnlySpan<byte> bytes)
    {
        byte[] name = StagedFiles.NameOf(member.Entry.Value);
        int mode = ModeOf(entry);

        // Its own mode from the start saves a call for each small file: nobody else gets into the staging folder.
        int made = (mode & ~PlainModes) == 0 ? mode : PrivateFile;
        Fault("d2.before");
        Errno errno = _staging.TryCreateFile(name, made, out FileHandle? created);
        if (errno == Errno.Exists)
        {
            StagedFiles.RemoveName(_staging, name);
            errno = _staging.TryCreateFile(name, made, out created);
        }

        errno.OrThrow("create", _staging, name);
        using FileHandle file = created!; // set whenever the call did not fail
        try
        {
            Fault("d2.after");
            file.Write(bytes, 0);
            file.SetModified(entry.ModifiedNs);
            FileStatus status = file.Status();
            if (status.Mode != mode)
            {
                file.SetMode(mode);   // what the process's mask took away, and the modes that a write takes away
            }

            if (IsReadBackAtOnce(entry))
            {
                file.Flush();
                if (HashFromDisk(file, entry.Size) != member.Root)
                {
                    throw new NativeException(Errno.InputOutput, "read back what was written to", file.Display);
                }
            }

            return StagedIdentity.Of(status);
        }
        catch (NativeException)
        {
            StagedFiles.RemoveName(_staging, name);
            throw;
        }
    }

    // Others are read back together after the checkpoint's flush. A file whose mode keeps its owner from reading can only be read through the handle it was made with.
    private bool IsReadBackAtOnce(ManifestEntry entry)
    {
        const int ownerReads = 0x100; // 0400
        return _options.Durability == DurabilityLevel.Verified && (ModeOf(entry) & ownerReads) == 0;
    }
}
