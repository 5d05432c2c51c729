using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <content>Publication, everywhere in one order: sealed, writers ended, mode and time set, flushed, root compared, Verified journaled, renamed, folders flushed, Completed journaled.</content>
public sealed partial class IncomingTransfer
{
    // One journal flush for so many large files.
    private const int PublishBatch = 64;
    private const int ReadBlock = 1024 * 1024;

    /// <summary>Publishes every large file whose chunks are all durable and of which the source said <see cref="FileDone"/>, and whatever is verified and was held.</summary>
    /// <exception cref="JournalFlushException">The process must stop.</exception>
    /// <exception cref="ClusterTransferException">The journal has no space, or the transfer failed.</exception>
    public Checkpoint PublishReady()
    {
        lock (_commit)
        {
            ThrowIfUnusable();
            return Guarded(PublishReadyLocked);
        }
    }

    /// <summary>The source's word that a file will not arrive: it changed, is unreadable, or a chunk of it was given up. A published file stays published.</summary>
    public void EntryFailed(EntryIndex entry, Problem problem)
    {
        lock (_commit)
        {
            ThrowIfUnusable();
            EntryState state = Locked(() => _state.StateOf(entry.Value));
            bool isOpen = state == EntryState.Pending && _state.Find(entry.Value) is not null && !_state.IsFinished && !_state.IsCancelled;

            // A file that the source left out of a pack may get its reason afterwards.
            if (isOpen || (state == EntryState.Parked && _leftOut.Remove(entry.Value)))
            {
                var settled = new SettledEntry(entry.Value, FileState.Parked, problem, IsSilent: false);
                Guarded(() =>
                {
                    Settle(settled, new PublishOutcome(), areBytesGood: problem.Reason != Reason.SourceChanged);
                    return true;
                });
            }
        }
    }

    private Checkpoint PublishReadyLocked()
    {
        var outcome = new PublishOutcome();
        Publish([], outcome);
        foreach (uint[] entries in FindReady().Chunk(PublishBatch))
        {
            var verified = new List<VerifiedFile>();
            foreach (uint entry in entries)
            {
                if (Verify(entry, outcome) is { } file)
                {
                    verified.Add(file);
                }
            }

#if TEETH
            if (Tooth.Bites("rename-first"))
            {
                Publish(verified, outcome);
                JournalVerified(verified);
                continue;
            }

#endif
            JournalVerified(verified);
            Publish(verified, outcome);
        }

        return outcome.ToCheckpoint([]);
    }

    private List<uint> FindReady()
    {
        lock (_gate)
        {
            if (_state.IsFinished || _state.IsCancelled)
            {
                return [];
            }

            List<uint> ready = [];
            foreach (uint entry in _state.SourceRoots.Keys)
            {
                if (!_unverified.Contains(entry) && _state.StateOf(entry) == EntryState.Pending && _state.Find(entry) is { } found)
                {
                    (ChunkIndex first, int count) = found.Loaded.Plan.ChunksOf(new EntryIndex(entry));
                    if (found.Page.Durable.AllSet((int)(first.Value - found.Page.FirstChunk), count))
                    {
                        ready.Add(entry);
                    }
                }
            }

            return ready;
        }
    }

    // All chunks are durable, so every late frame is a duplicate and nobody writes to the file any more.
    private VerifiedFile? Verify(uint entry, PublishOutcome outcome)
    {
        (_, LoadedPage loaded) = _state.Find(entry)!.Value; // only asked for files that are ready
        ManifestEntry what = loaded.Entry(entry);
        (ChunkIndex first, int count) = loaded.Plan.ChunksOf(new EntryIndex(entry));
        Digest expected = _state.SourceRoots[entry];
        Fault("d9.before");
        StagedFile? file = null;
        try
        {
            FileShape shape = loaded.ShapeOf(entry);
            file = _staged.Borrow(entry, shape, out _);
            FileHandle handle = file.Handle!; // open while it is lent
            shape.ClearHoles(handle);
            Fault("d10.before");
            handle.SetMode(ModeOf(what));
            handle.SetModified(what.ModifiedNs);
            Fault("d12.before");
#if TEETH
            Errno flushed = Tooth.Bites("rename-unflushed") ? Errno.None : _staged.Flush(file, dataOnly: false);
#else
            Errno flushed = _staged.Flush(file, dataOnly: false);
#endif
            Fault("d12.after");
            if (flushed == Errno.NoSpace)
            {
                // Its bytes were flushed before. Mode and time are set and flushed anew when the transfer goes on.
                throw new NativeException(flushed, "flush", handle.Display);
            }

            if (flushed != Errno.None)
            {
                _staged.Return(file);
                file = null;
                LoseFile(entry, [], outcome);
                return null;
            }

            Digest root = RootOf(first.Value, count);
            Fault("d11.before");
            bool isRight = root == expected;
            if (!isRight || _options.Durability == DurabilityLevel.Verified)
            {
                // The index is only derived, so a root that does not fit is no proof against the bytes; and level verified asks the disk itself.
                isRight = RootFromDisk(handle, loaded, entry) == expected;
            }

            if (isRight)
            {
                Fault("d11.after");
                return new VerifiedFile(entry, StagedIdentity.Of(handle.Status()), expected);
            }

            _staged.Return(file);
            file = null;
            Settle(
                new SettledEntry(
                    entry,
                    FileState.Parked,
                    new Problem(Reason.IntegrityFailure, $"'{what.Path}' has the digest {root} here, but {expected} at the source. Nothing was published under its name."),
                    IsSilent: false),
                outcome);
            return null;
        }
        catch (NativeException error) when (error.Errno == Errno.NoSpace)
        {
            throw new ClusterTransferException(AtDestination(error), error);
        }
        catch (NativeException error)
        {
            if (file is not null)
            {
                _staged.Return(file);
                file = null;
            }

            Settle(new SettledEntry(entry, FileState.Parked, error.AtDestination(), IsSilent: false), outcome);
            return null;
        }
        finally
        {
            if (file is not null)
            {
                _staged.Return(file);
            }
        }
    }

    private Digest RootOf(uint firstChunk, int count)
    {
        if (count == 1)
        {
            return _digests.Read(firstChunk);
        }

        var tree = new Blake3Tree();
        _digests.ReadRange(firstChunk, count, value => tree.Add(value));
        return tree.Root();
    }

    // Every byte again. Flushed pages can be dropped, so what is read comes from the disk as far as a process can ask for that.
    private static Digest HashFromDisk(FileHandle file, long size)
    {
        file.DropCache();
        var hasher = new Blake3Hasher();
        byte[] block = new byte[ReadBlock];
        long offset = 0;
        while (offset < size)
        {
            int read = file.Read(block, offset);
            if (read == 0)
            {
                return default;
            }

            hasher.Append(block.AsSpan(0, read));
            offset += read;
        }

        return hasher.Finish();
    }

    // The root of a sparse file is made of the chunks it has; its holes were cleared.
    private static Digest RootFromDisk(FileHandle file, LoadedPage loaded, uint entry)
    {
        ManifestEntry what = loaded.Entry(entry);
        if (what.Holes.Count == 0)
        {
            return HashFromDisk(file, what.Size);
        }

        file.DropCache();
        (ChunkIndex first, int count) = loaded.Plan.ChunksOf(new EntryIndex(entry));
        var tree = new Blake3Tree();
        byte[] buffer = [];
        Digest value = default;
        for (uint i = 0; i < count; i++)
        {
            PlannedChunk chunk = loaded.Plan.At(new ChunkIndex(first.Value + i));
            buffer = buffer.Length < chunk.ChunkSize ? new byte[chunk.ChunkSize] : buffer;
            Span<byte> bytes = buffer.AsSpan(0, chunk.Length);
            if (file.Read(bytes, chunk.FileOffset) != bytes.Length)
            {
                return default;
            }

            value = ValueOf(chunk, what.Size, bytes);
            tree.Add(value);
        }

        return count == 1 ? value : tree.Root();
    }

    private void JournalVerified(List<VerifiedFile> verified)
    {
        if (verified.Count == 0)
        {
            return;
        }

        var batch = new JournalBatch();
        verified.ForEach(file => batch.FileVerified(file));
        Fault("d13.before");
        AppendOrThrow(batch, flush: true);
        lock (_gate)
        {
            verified.ForEach(file => _state.ApplyVerified(file));
        }

        Fault("d13.after");
    }

    // Files and links that are Verified in the journal and lie in the staging folder; those that were held come with them.
    private void Publish(List<VerifiedFile> files, PublishOutcome outcome)
    {
        if (_isHolding)
        {
            if (!_options.MayPublish())
            {
                return;
            }

            _isHolding = false;
            files = [.. _state.Verified.Values.OrderBy(file => file.Entry)];
        }

        if (files.Count == 0)
        {
            return;
        }

        var completed = new List<uint>();
        var settled = new List<SettledEntry>();
        Problem? full = null;
        foreach (VerifiedFile file in files)
        {
            ManifestEntry entry = EntryOf(file.Entry);
            _staged.Close(file.Entry);
            Fault("d14.before");
            byte[] staged = StagedFiles.NameOf(file.Entry, entry.Kind);
            bool isOurs = StagingReview.IsStaged(_staging, _state, file);
            if ((isOurs ? Rename(file.Entry, entry) : Errno.Stale) is not { } errno)
            {
                // Nor any after it: they stay Verified and staged.
                _isHolding = true;
                break;
            }

            Fault("d14.after");
            if (errno == Errno.None)
            {
                _tree.Touch(TargetOf(entry.Path).Parent);
                completed.Add(file.Entry);
            }
            else if (!isOurs || (errno == Errno.NoEntry && _staging.TryStatus(staged, out _) == Errno.NoEntry))
            {
                // Someone removed or replaced our staged file while we held the transfer open: what was verified is gone. What lies there now must not get the name.
                StagedFiles.RemoveName(_staging, staged);
                Unverify(file.Entry, entry, outcome);
            }
            else if (errno == Errno.NoSpace)
            {
                // It stays Verified and staged: the next open renames it, row F8.
                full ??= Full($"'{DisplayTarget(entry.Path)}' could not be put in place: {errno.Text()}.");
            }
            else
            {
                settled.Add(OutcomeOf(file.Entry, entry, errno));
            }
        }

        FlushFolders();
        var batch = new JournalBatch();
        completed.ForEach(entry => batch.FileCompleted(entry));
        settled.ForEach(one => batch.EntrySettled(one));
        Fault("d16.before");
        try
        {
            // An unflushed record that is lost leaves the file Verified, and the next open finds it by row F8 or F10.
            _journal.Append(batch, flush: WaitsForFolders || settled.Count > 0);
        }
        catch (NativeException error)
        {
            // The names are in place and the journal does not know it; the next open finds that out, row F10.
            throw Fail(AtDestination(error));
        }

        Fault("d16.after");
        lock (_gate)
        {
            completed.ForEach(_state.ApplyCompleted);
            settled.ForEach(one => _state.ApplySettled(one));
        }

        foreach (uint done in completed)
        {
            ManifestEntry entry = EntryOf(done);
            outcome.Published.Add(new PublishedFile(new EntryIndex(done), entry.Path, entry.Kind == EntryKind.File ? entry.Size : 0));
        }

        foreach (SettledEntry one in settled)
        {
            ManifestEntry entry = EntryOf(one.Entry);
            if (one.State == FileState.Skipped || !HasDurableChunksOfItsOwn(one.Entry))
            {
                StagedFiles.RemoveName(_staging, StagedFiles.NameOf(one.Entry, entry.Kind));
            }

            if (!one.IsSilent)
            {
                outcome.Issues.Add(IssueOf(entry, one));
            }
        }

        if (full is not null)
        {
            throw new ClusterTransferException(full);
        }
    }

    // Null when it must not be: asked before folders are made on the way, and again as the last thing before the rename itself.
    private Errno? Rename(uint index, ManifestEntry entry)
    {
        SafeRelativePath target = TargetOf(entry.Path);
        byte[] staged = StagedFiles.NameOf(index, entry.Kind);
        Errno errno = Errno.NoEntry;
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (!_options.MayPublish())
            {
                return null;
            }

            errno = _tree.TryOpen(target.Parent, out FolderHandle? folder);
            if (errno == Errno.None)
            {
                if (!_options.MayPublish())
                {
                    return null;
                }

                errno = _options.Conflict == ConflictPolicy.Overwrite
#if TEETH
                    || Tooth.Bites("rename-replaces")
#endif
                    ? _staging.TryRenameReplace(staged, folder!, target.Name) // open when there was no error
                    : _staging.TryRenameNoReplace(staged, folder!, target.Name);
                if (errno == Errno.Exists && IsOurOwn(entry, folder!))
                {
                    if (!_options.MayPublish())
                    {
                        return null;
                    }

                    errno = _staging.TryRenameReplace(staged, folder!, target.Name);
                }
            }

            if (errno != Errno.NoEntry)
            {
                break;
            }

            // The folder we hold may have been removed by someone; once more from its name.
            _tree.Dispose();
        }

        return errno;
    }

    // What an earlier round put there and nobody touched since is replaced whatever the policy says: it is this transfer's own.
    private bool IsOurOwn(ManifestEntry entry, FolderHandle folder) =>
        _state.Earlier.Find(entry.Path) is { } placed
        && folder.TryStatus(entry.Path.Name, out FileStatus status) == Errno.None
        && EarlierFiles.IsStill(placed, status);

    private SettledEntry OutcomeOf(uint index, ManifestEntry entry, Errno errno)
    {
        if (errno == Errno.Exists && _options.Conflict == ConflictPolicy.Skip)
        {
            return Exists(index, entry, "exists", isSilent: true);
        }

        return errno switch
        {
            Errno.Exists => Exists(index, entry, "exists", isSilent: false),
            Errno.IsAFolder or Errno.NotEmpty => Exists(index, entry, "is a folder", isSilent: false),
            Errno.NotAFolder or Errno.TooManySymbolicLinks => Exists(index, entry, "lies beneath a file or a link, which is not followed", isSilent: false),
            _ => new SettledEntry(
                index,
                FileState.Parked,
                new Problem(errno.AtDestination(), $"'{DisplayTarget(entry.Path)}' could not be put in place: {errno.Text()}."),
                IsSilent: false),
        };
    }

    // At level received a name counts without the flush of its folder. A power cut may take such a rename back; then the staged file is there again: row F18.
    private bool WaitsForFolders => _options.Durability != DurabilityLevel.Received;

    private void FlushFolders()
    {
        if (!WaitsForFolders)
        {
            _tree.Release();
            return;
        }

        Fault("d15.before");
        Errno errno = _tree.Flush();
        Fault("d15.after");
        if (errno != Errno.None)
        {
            throw FlushFailure(errno, $"Folders in '{_location.Folder}'");
        }
    }

    private void Unverify(uint index, ManifestEntry entry, PublishOutcome outcome)
    {
        var batch = new JournalBatch().FileUnverified(index);
        List<ChunkRange> lost = [];
        if (entry.Kind == EntryKind.File)
        {
            (ChunkIndex first, int count) = _state.Find(index)!.Value.Loaded.Plan.ChunksOf(new EntryIndex(index)); // an entry of an accepted page
            lost.Add(new ChunkRange(first.Value, (uint)count));
            lost.ForEach(range => batch.ChunksLost(range));
            ReserveAgain(_state.Find(index)!.Value.Loaded.BytesOf(index)); // an entry of an accepted page
        }

        AppendOrThrow(batch, flush: true);
        lock (_gate)
        {
            lost.ForEach(range => _state.ApplyChunksLost(range));
            _state.ApplyUnverified(index);
        }

        outcome.Lost.AddRange(lost);
    }

    // Gives an entry its outcome. Durable chunks whose bytes are good stay for a later round; everything else that is staged of it is taken away.
    private void Settle(SettledEntry settled, PublishOutcome outcome, bool areBytesGood = false)
    {
        (IncomingPage page, LoadedPage loaded) = _state.Find(settled.Entry)!.Value; // only asked for entries of accepted pages
        ManifestEntry entry = loaded.Entry(settled.Entry);
        (ChunkIndex first, int count) = loaded.Plan.ChunksOf(new EntryIndex(settled.Entry));
        bool wasReserved = entry.Kind == EntryKind.File && page.StateOf(settled.Entry) == EntryState.Pending && !IsStaged(settled.Entry, first);

        bool hasDurable = HasDurableChunksOfItsOwn(settled.Entry);
        var lost = new ChunkRange(first.Value, hasDurable && !areBytesGood ? (uint)count : 0);
        var batch = new JournalBatch();
        if (lost.Count > 0)
        {
            batch.ChunksLost(lost); // first: no round may find the outcome and still trust the bytes
        }

        // Only a verified file's outcome must be on disk before its staged name goes: for others a missing name means what it says.
        AppendOrThrow(batch.EntrySettled(settled), flush: page.StateOf(settled.Entry) == EntryState.Verified);
        lock (_gate)
        {
            _state.ApplyChunksLost(lost);
            _state.ApplySettled(settled);
            Monitor.PulseAll(_gate);
        }

        FenceAndDrain(settled.Entry, first.Value, (uint)count);
        if (hasDurable && areBytesGood)
        {
            _staged.Close(settled.Entry);
        }
        else if (entry.Kind == EntryKind.File)
        {
            _staged.Discard(settled.Entry);
        }

        lock (_gate)
        {
            bool isPacked = count > 0 && loaded.Plan.At(first).IsPacked;
            if (isPacked)
            {
                _ledger.DropMember(first.Value, settled.Entry);
            }
            else
            {
                _ledger.Drop(first.Value, (uint)count);
            }

            _unverified.Forget(settled.Entry);
            _fenced.Remove(settled.Entry);
            Monitor.PulseAll(_gate);
        }

        if (wasReserved)
        {
            Release(loaded.BytesOf(settled.Entry));
        }

        outcome.Issues.Add(IssueOf(entry, settled));
    }

    private bool HasDurableChunksOfItsOwn(uint entry)
    {
        (IncomingPage page, LoadedPage loaded) = _state.Find(entry)!.Value; // only asked for entries of accepted pages
        (ChunkIndex first, int count) = loaded.Plan.ChunksOf(new EntryIndex(entry));
        return count > 0 && !loaded.Plan.At(first).IsPacked && !Locked(() => page.Durable.NoneSet((int)(first.Value - page.FirstChunk), count));
    }

    private bool IsStaged(uint entry, ChunkIndex chunk) =>
        _staged.Exists(entry) || Locked(() => _ledger.TryGet(chunk.Value, out WrittenChunk? written) && (written!.Members?.Any(member => member.Entry == entry) ?? false));
}
