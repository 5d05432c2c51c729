using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <content>Checkpoints: bytes are flushed first, then the journal says so, then small files are published.</content>
public sealed partial class IncomingTransfer
{
    // Above this many small files one flush of the file system is cheaper than one of each.
    private const int FlushEachUpTo = 8;

    /// <summary>Makes everything written so far durable and publishes complete small files.</summary>
    /// <exception cref="JournalFlushException">The process must stop.</exception>
    /// <exception cref="ClusterTransferException">The journal has no space (the chunks stay as they are), or the transfer failed.</exception>
    public Checkpoint Checkpoint()
    {
        lock (_commit)
        {
            ThrowIfUnusable();
            return Guarded(CheckpointLocked);
        }
    }

    /// <summary>Checkpoint, a mark that this was a clean stop, and disposal. The next open has nothing to hash again.</summary>
    public Checkpoint Close()
    {
        lock (_commit)
        {
            // Also of a store that cannot be used any more: its lock must not outlive it.
            try
            {
                ThrowIfUnusable();
                lock (_gate)
                {
                    _isDisposed = true; // new writes are refused; running ones are part of the checkpoint
                    Monitor.PulseAll(_gate);
                    while (_writers > 0)
                    {
                        Monitor.Wait(_gate);
                    }
                }

                Checkpoint last = Guarded(CheckpointLocked);
                if (!Locked(() => _unverified.TryNext(NextDurable, out _)))
                {
                    AppendOrThrow(new JournalBatch().Add(JournalRecordType.Clean), flush: true);
                }

                return last;
            }
            finally
            {
                Dispose();
            }
        }
    }

    private Checkpoint CheckpointLocked()
    {
        Dictionary<uint, WrittenChunk> written;
        var batch = new JournalBatch();
        lock (_gate)
        {
            if (_state.IsCancelled || _state.IsFinished)
            {
                return new Checkpoint([], [], [], []);
            }

            written = _ledger.BeginCheckpoint();
            _rootsToJournal.ForEach(root => batch.SourceDone(root.Entry, root.Root));
        }

        Interlocked.Exchange(ref _checkpointAt, _time.GetTimestamp());
#if TEETH
        if (Tooth.Bites("bits-before-data"))
        {
            var early = new JournalBatch();
            written.ToList().ForEach(chunk => early.ChunkDurable(chunk.Key, chunk.Value.Value));
            _journal.Append(early, flush: true);
        }

#endif
        Fault("d6.before");
        Dictionary<uint, Errno> failedFiles = _staged.FlushDirty();
        Errno packs = FlushPacks(written);
        if (packs == Errno.NoSpace || failedFiles.ContainsValue(Errno.NoSpace))
        {
            throw StopForSpace(written, failedFiles, packs);
        }

        HashSet<uint> failedPacks = FindFailedPacks(written, packs != Errno.None);
        FlushStagingNames();
        Fault("d6.after");

        var outcome = new PublishOutcome();
        DropFailed(written, failedFiles.Keys, failedPacks, packs != Errno.None, outcome);
        List<SettledEntry> leftOut = CollectLeftOut(written);
        List<VerifiedFile> verified = [.. written.Values.Where(chunk => chunk.Members is not null).SelectMany(chunk => chunk.Members!)]; // as filtered

        // Small files before the bit of their pack: if only the first part of this append survives, the pack is sent again and its files are not.
        verified.ForEach(file => batch.FileVerified(file));
        leftOut.ForEach(settled => batch.EntrySettled(settled));
        foreach ((uint chunk, WrittenChunk one) in written)
        {
            batch.ChunkDurable(chunk, one.Value);
        }

        if (batch.Count == 0)
        {
            EndCheckpoint();
            return outcome.ToCheckpoint([]);
        }

        Fault("d7.before");
        AppendCheckpoint(batch, written);
        Fault("d7.after");
        lock (_gate)
        {
            foreach (uint chunk in written.Keys)
            {
                _state.ApplyChunkDurable(chunk);
            }

            verified.ForEach(file => _state.ApplyVerified(file));
            leftOut.ForEach(settled => _state.ApplySettled(settled));
            leftOut.ForEach(settled => _leftOut.Add(settled.Entry));
            _rootsToJournal.Clear();
            _ledger.EndCheckpoint();
        }

        leftOut.ForEach(settled => outcome.Issues.Add(IssueOf(EntryOf(settled.Entry), settled)));
        Publish(verified, outcome);
        Fault("d8.before");
        return outcome.ToCheckpoint([.. written.Keys.Select(chunk => new ChunkIndex(chunk))]);
    }

    private ManifestEntry EntryOf(uint entry) => _state.Find(entry)!.Value.Loaded.Entry(entry); // only asked for entries of accepted pages

    private void EndCheckpoint()
    {
        lock (_gate)
        {
            _ledger.EndCheckpoint();
        }
    }

    // The index before the log: a value that nothing vouches for is never read, but a durable chunk must have one.
    private void AppendCheckpoint(JournalBatch batch, Dictionary<uint, WrittenChunk> written)
    {
        try
        {
            foreach ((uint chunk, WrittenChunk one) in written)
            {
                _digests.Write(chunk, one.Value);
            }

            _journal.Append(batch, flush: true);
        }
        catch (NativeException error)
        {
            lock (_gate)
            {
                _ledger.ReturnCheckpoint();
            }

            throw new ClusterTransferException(AtDestination(error), error);
        }
    }

    // A full disk is no broken one. What this checkpoint has in files that could not be flushed is sent again; what was flushed before stays durable,
    // and no file is given up for it. The rest of the checkpoint is as before.
    private ClusterTransferException StopForSpace(Dictionary<uint, WrittenChunk> written, Dictionary<uint, Errno> failedFiles, Errno packs)
    {
        List<VerifiedFile> unsure = [];
        lock (_gate)
        {
            WaitForWritesInProgress();
            foreach ((uint entry, Errno errno) in failedFiles)
            {
                if (errno != Errno.NoSpace)
                {
                    _staged.NoteFailed(entry, errno);
                    continue;
                }

                (ChunkIndex first, int count) = _state.Find(entry)!.Value.Loaded.Plan.ChunksOf(new EntryIndex(entry)); // an entry of an accepted page
                foreach (uint chunk in written.Keys.Where(chunk => chunk - first.Value < (uint)count).ToList())
                {
                    written.Remove(chunk);
                }

                _ledger.Drop(first.Value, (uint)count);
            }

            foreach ((uint chunk, WrittenChunk one) in packs == Errno.None ? [] : written.Where(pair => pair.Value.Members is not null).ToList())
            {
                unsure.AddRange(one.Members!); // as filtered
                written.Remove(chunk);
            }

            unsure.AddRange(packs == Errno.None ? [] : _ledger.DropPacks().SelectMany(pack => pack.Value.Members!)); // packs have them
            _ledger.ReturnCheckpoint();
        }

        unsure.ForEach(DropMember);
        return new ClusterTransferException(Full("What arrived could not be flushed: no space left."));
    }

    private void DropMember(VerifiedFile member)
    {
        StagedFiles.RemoveName(_staging, StagedFiles.NameOf(member.Entry));
        ReserveAgain(EntryOf(member.Entry).Size); // a member of a pack has no holes
    }

    // What was written while a flush failed may be lost with it, and the next flush of that file says nothing of it. Later writes do not matter.
    private void WaitForWritesInProgress()
    {
        HashSet<uint> now = [.. _ledger.InProgress];
        while (now.Overlaps(_ledger.InProgress))
        {
            Monitor.Wait(_gate);
            now.IntersectWith(_ledger.InProgress);
        }
    }

    // Nobody knows which file a failed flush meant; a file that reads back otherwise at level verified is known by itself.
    private HashSet<uint> FindFailedPacks(Dictionary<uint, WrittenChunk> written, bool flushFailed)
    {
        HashSet<uint> failed = [];
        if (flushFailed || _options.Durability == DurabilityLevel.Verified)
        {
            foreach ((uint chunk, WrittenChunk one) in written)
            {
                if (one.Members is not null && (flushFailed || !one.Members.TrueForAll(ReadsBack)))
                {
                    failed.Add(chunk);
                }
            }
        }

        return failed;
    }

    private bool ReadsBack(VerifiedFile file)
    {
        ManifestEntry entry = EntryOf(file.Entry);
        if (IsReadBackAtOnce(entry))
        {
            return true;
        }

        Errno errno = _staging.TryOpenFile(StagedFiles.NameOf(file.Entry), out FileHandle? handle);
        using (handle)
        {
            try
            {
                return errno == Errno.None && HashFromDisk(handle!, entry.Size) == file.Root; // open when there was no error
            }
            catch (NativeException)
            {
                return false;
            }
        }
    }

    private Errno FlushPacks(Dictionary<uint, WrittenChunk> written)
    {
        List<uint> files = [];
        foreach (WrittenChunk chunk in written.Values)
        {
            chunk.Members?.ForEach(member => files.Add(member.Entry));
        }

        if (files.Count == 0)
        {
            return Errno.None;
        }

        if (_options.FlushFault is { } fault && files.Select(fault).FirstOrDefault(errno => errno != Errno.None) is not Errno.None and var injected)
        {
            return injected;
        }

        if (files.Count > FlushEachUpTo)
        {
            return _staging.TryFlushFileSystem();
        }

        foreach (uint file in files)
        {
            Errno errno = _staging.TryOpenFile(StagedFiles.NameOf(file), out FileHandle? handle);
            if (errno == Errno.AccessDenied)
            {
                // The source's mode does not let us read our own file; the file system as a whole can still be flushed.
                return _staging.TryFlushFileSystem();
            }

            using (handle)
            {
                errno = errno == Errno.None ? handle!.TryFlush() : errno; // open when there was no error
                if (errno != Errno.None)
                {
                    return errno;
                }
            }
        }

        return Errno.None;
    }

    // A name that is not on disk makes its durable chunks worthless, so the folder's flush belongs to theirs.
    private void FlushStagingNames()
    {
        if (_staged.HasNewNames)
        {
            _staged.HasNewNames = false;
            Fault("d3.before");
            Errno errno = _staging.TryFlush();
            if (errno != Errno.None)
            {
                throw FlushFailure(errno, $"The staging folder of transfer {_id} in '{_location.Folder}'");
            }

            Fault("d3.after");
        }
    }

    // A failed flush is final: the file is fetched again into a new one, and given up the second time.
    private void DropFailed(Dictionary<uint, WrittenChunk> written, IEnumerable<uint> failedFiles, HashSet<uint> failedPacks, bool packsFailed, PublishOutcome outcome)
    {
        foreach (uint entry in failedFiles)
        {
            LoseFile(entry, written, outcome);
        }

        foreach ((uint chunk, WrittenChunk late) in packsFailed ? DropLatePacks() : [])
        {
            outcome.Lost.Add(new ChunkRange(chunk, 1));
            late.Members!.ForEach(DropMember); // packs have them
        }

        foreach (uint chunk in failedPacks)
        {
            WrittenChunk one = written[chunk];
            lock (_gate)
            {
                written.Remove(chunk);
            }

            outcome.Lost.Add(new ChunkRange(chunk, 1));
            foreach (VerifiedFile member in one.Members!) // as filtered
            {
                StagedFiles.RemoveName(_staging, StagedFiles.NameOf(member.Entry));
                if (_flushFailedOnce.Add(member.Entry))
                {
                    ReserveAgain(EntryOf(member.Entry).Size);
                }
                else
                {
                    Settle(FlushFailed(member.Entry), outcome);
                }
            }
        }
    }

    // They are given up by no second failure of this kind: none of their own flushes was tried.
    private List<KeyValuePair<uint, WrittenChunk>> DropLatePacks()
    {
        lock (_gate)
        {
            WaitForWritesInProgress();
            return _ledger.DropPacks();
        }
    }

    private void LoseFile(uint entry, Dictionary<uint, WrittenChunk> written, PublishOutcome outcome)
    {
        (IncomingPage page, LoadedPage loaded) = _state.Find(entry)!.Value; // only asked for entries of accepted pages
        (ChunkIndex first, int count) = loaded.Plan.ChunksOf(new EntryIndex(entry));
        lock (_gate)
        {
            foreach (uint chunk in written.Keys.Where(chunk => chunk - first.Value < (uint)count).ToList())
            {
                written.Remove(chunk);
            }
        }

        if (!_flushFailedOnce.Add(entry))
        {
            Settle(FlushFailed(entry), outcome);
            return;
        }

        var range = new ChunkRange(first.Value, (uint)count);
        AppendOrThrow(new JournalBatch().ChunksLost(range), flush: true);
        FenceAndDrain(entry, first.Value, (uint)count);
        _staged.Discard(entry);
        ReserveAgain(loaded.BytesOf(entry));
        lock (_gate)
        {
            _ledger.Drop(first.Value, (uint)count);
            _state.ApplyChunksLost(range);
            _unverified.Forget(entry);
            _fenced.Remove(entry);
            Monitor.PulseAll(_gate);
        }

        outcome.Lost.Add(range);
    }

    private SettledEntry FlushFailed(uint entry) => new(
        entry,
        FileState.Parked,
        new Problem(Reason.DiskError, $"'{DisplayTarget(EntryOf(entry).Path)}' could not be flushed twice. Check the disk and the kernel log of this node."),
        IsSilent: false);

    // Keeps new writes to the file away and waits for the running ones.
    private void FenceAndDrain(uint entry, uint first, uint count)
    {
        lock (_gate)
        {
            _fenced.Add(entry);
            while (_ledger.InProgress.Any(chunk => chunk - first < count))
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private List<SettledEntry> CollectLeftOut(Dictionary<uint, WrittenChunk> written)
    {
        List<SettledEntry> settled = [];
        lock (_gate)
        {
            foreach (uint entry in written.Values.SelectMany(chunk => chunk.Absent))
            {
                if (_state.StateOf(entry) == EntryState.Pending)
                {
                    settled.Add(new SettledEntry(
                        entry, FileState.Parked, new Problem(Reason.SourceChanged, $"The source left '{EntryOf(entry).Path}' out while it was sent."), IsSilent: false));
                }
            }
        }

        return settled;
    }
}
