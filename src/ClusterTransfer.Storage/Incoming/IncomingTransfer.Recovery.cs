using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <content>Opening and recovery: the table of docs/recovery.md, row by row.</content>
public sealed partial class IncomingTransfer
{
    private byte[] _verifyBuffer = [];

    /// <summary>Opens a transfer at its destination: makes its staging folder, or recovers what an earlier process left. Journals the epoch.</summary>
    /// <param name="destination">The location; must stay open until disposal.</param>
    /// <param name="folder">Folder of the location the result goes into; made when missing.</param>
    /// <param name="id">The transfer.</param>
    /// <param name="epoch">The session's epoch.</param>
    /// <param name="options">What was requested, and limits.</param>
    /// <param name="time">For the age of the last checkpoint.</param>
    /// <exception cref="ClusterTransferException">Superseded, newer format, open elsewhere, read-only location, or the disk refused.</exception>
    /// <exception cref="JournalFlushException">The process must stop.</exception>
    public static IncomingTransfer Open(
        Location destination, SafeRelativePath folder, TransferId id, Epoch epoch, IncomingOptions options, TimeProvider time)
    {
        if (destination.Refuse(folder) is { } refused)
        {
            throw new ClusterTransferException(refused);
        }

        IncomingTransfer? transfer = null;
        try
        {
            transfer = OpenOnce();
            if (transfer.WantsNewManifest)
            {
                // The earlier round is recovered first, so that what it renamed is known as its own.
                transfer.BeginAnew();
                transfer.Dispose();
                transfer = null;
                transfer = OpenOnce();
            }

            return transfer;

            IncomingTransfer OpenOnce()
            {
                OpenedStaging opened = StagingSession.Open(destination, folder, id, epoch, options);
                transfer = new IncomingTransfer(opened, destination, folder, id, options, time);
                transfer.Recover(opened, epoch);
                return transfer;
            }
        }
        catch (NativeException error)
        {
            Problem problem = transfer?.AtDestination(error) ?? error.AtDestination();
            transfer?.Dispose();
            throw new ClusterTransferException(problem, error);
        }
        catch
        {
            transfer?.Dispose();
            throw;
        }
    }

    /// <summary>After an unclean stop: hashes one more durable chunk of an unpublished file.</summary>
    /// <param name="lost">The chunk when its bytes are not what was journaled: it must be sent again.</param>
    /// <returns>False when nothing is left to verify. Files wait with their publication until their chunks were looked at.</returns>
    public bool VerifyNext(out ChunkIndex? lost)
    {
        lost = null;
        lock (_commit)
        {
            ThrowIfUnusable();
            uint chunk;
            lock (_gate)
            {
                if (_state.IsFinished || _state.IsCancelled || !_unverified.TryNext(NextDurable, out chunk))
                {
                    _verifyBuffer = [];
                    return false;
                }
            }

            if (!IsAsJournaled(chunk))
            {
                var range = new ChunkRange(chunk, 1);

                // Not flushed: if this is lost with the process, the next open finds the same chunk by the same means.
                AppendOrThrow(new JournalBatch().ChunksLost(range), flush: false);
                lock (_gate)
                {
                    _state.ApplyChunksLost(range);
                }

                lost = new ChunkIndex(chunk);
            }

            return true;
        }
    }

    private int NextDurable(uint first, int count)
    {
        if (count <= 0 || !_state.Pages.TryFindChunk(first, out IncomingPage? page))
        {
            return -1;
        }

        int from = (int)(first - page.FirstChunk);
        int at = page.Durable.NextSet(from, from + count);
        return at < from + count ? at - from : -1;
    }

    private bool IsAsJournaled(uint index)
    {
        if (!_state.Pages.TryFindChunk(index, out IncomingPage? page))
        {
            return false;
        }

        LoadedPage loaded = _state.Pages.Load(page);
        PlannedChunk chunk = loaded.Plan.At(new ChunkIndex(index));
        long size = loaded.Entry(chunk.Entry.Value).Size;
        StagedFile? file = null;
        try
        {
            file = _staged.Borrow(chunk.Entry.Value, loaded.ShapeOf(chunk.Entry.Value), out _);
            if (_verifyBuffer.Length < chunk.Length)
            {
                _verifyBuffer = new byte[chunk.ChunkSize];
            }

            Span<byte> bytes = _verifyBuffer.AsSpan(0, chunk.Length);
            return file.Handle!.TryRead(bytes, chunk.FileOffset, out int read) == Errno.None // open while it is lent
                && read == bytes.Length
                && ValueOf(chunk, size, bytes) == _digests.Read(index);
        }
        catch (NativeException)
        {
            return false; // what cannot be read is fetched again
        }
        finally
        {
            if (file is not null)
            {
                _staged.Return(file);
            }
        }
    }

    private void Recover(OpenedStaging opened, Epoch epoch)
    {
        bool isNew = opened.Scan is null || _state.Folder is null;
        Recovery = new RecoveryReport
        {
            IsNew = opened.Scan is null,
            WasClean = opened.Scan is null || (opened.Scan.IsClean && !opened.IsDamaged),
            TailCut = opened.Scan?.HasTail ?? false,
            JournalDamaged = opened.IsDamaged,
        };

        var batch = new JournalBatch();
        if (isNew)
        {
            batch.Begun(_folder, _options.Conflict, _options.Durability);
            _state.Folder = _folder;
            if (_options.Round > 0 && (opened.Scan is null || !_options.Rescan))
            {
                batch.RoundBegan(_options.Round);
                _state.ApplyRound(_options.Round, only: null, onReopened: null);
            }
        }

        if (epoch > _state.HighestEpoch || isNew)
        {
            batch.EpochRaised(epoch);
            _state.HighestEpoch = epoch;
        }

        if (batch.Count > 0)
        {
            _journal.Append(batch, flush: true);
        }

        TakeBackUndone();
        if (_options.Round > _state.Round && !_options.Rescan && !_state.IsCancelled)
        {
            BeginRound();
        }

        if (_state.IsCancelled)
        {
            // Those of an earlier recovery that did not come to its end as well.
            List<VerifiedFile> undone = [.. _state.Verified.Values.Where(file => _state.Undone.Contains(file.Entry) && StagingReview.IsStaged(_staging, _state, file)).OrderBy(file => file.Entry)];
            Publish(undone, new PublishOutcome());
            if (_isHolding)
            {
                // Its staged files must not go before it has its names again: later.
                throw new ClusterTransferException(Reason.SessionLost, $"Transfer {_id} must not publish now what it had published before.");
            }

            Recovery = Recovery with { FilesPublished = undone.Count, StrayFilesRemoved = StagingSession.RemoveStaged(_staging) - 1 };
            return;
        }

        if (_state.IsFinished)
        {
            var leftovers = new StagingReview(_staging, _state, static (_, _) => false); // nothing is verified and not published any more
            leftovers.Run(rehashVerified: false);
            leftovers.Stray.ForEach(name => StagedFiles.RemoveName(_staging, name));
            Recovery = Recovery with { StrayFilesRemoved = leftovers.Stray.Count };
            return;
        }

        // A verified file that is not staged was renamed only if it is there: its staged name may also have been removed from outside.
        using (var probe = new DestinationProbe(_location.Root))
        {
            Reconcile(new StagingReview(_staging, _state, (file, entry) =>
                probe.Find(TargetOf(entry.Path), out FileStatus status) == Occupant.File && StagedIdentity.Of(status) == file.Identity));
        }

        PrepareVerification();
    }

    // Row F18: at level received a power cut may undo a rename after the journal called the file published. Its staged name is back, so it is published again.
    private void TakeBackUndone()
    {
        HashSet<uint> back = WaitsForFolders ? [] : StagingReview.FindStagedAgain(_staging, _state);
        List<VerifiedFile> undone = [];
        if (back.Count > 0)
        {
            var last = new Dictionary<uint, VerifiedFile>();
            _journal.Scan(_id, record =>
            {
                if (record.Type == JournalRecordType.FilesVerified)
                {
                    JournalReader.Verified(record.Payload, file =>
                    {
                        if (back.Contains(file.Entry))
                        {
                            last[file.Entry] = file;
                        }
                    });
                }
            });
            undone.AddRange(last.Values.Where(file => StagingReview.IsStaged(_staging, _state, file)));
        }

        if (undone.Count > 0)
        {
            // In this order: with the first record alone the file is merely not published, and its chunks are judged like any others.
            var batch = new JournalBatch();
            undone.ForEach(file => batch.FileUndone(file.Entry));
            undone.ForEach(file => batch.FileVerified(file));
            _journal.Append(batch, flush: true);
            undone.ForEach(file => _state.ApplyUndone(file.Entry));
            undone.ForEach(file => _state.ApplyVerified(file));
        }
    }

    private void Reconcile(StagingReview disk)
    {
        disk.Run(rehashVerified: !Recovery.WasClean);
        disk.Sound.ForEach(_staged.MarkExisting);

        // The records come first: a staged file of a verified entry may only vanish after the journal said why.
        var batch = new JournalBatch();
        disk.Unverified.ForEach(entry => batch.FileUnverified(entry));
        disk.Lost.ForEach(range => batch.ChunksLost(range));
        disk.Published.ForEach(entry => batch.FileCompleted(entry));
        if (batch.Count > 0)
        {
            _journal.Append(batch, flush: true);
        }

        long lost = 0;
        disk.Unverified.ForEach(_state.ApplyUnverified);
        disk.Lost.ForEach(range => lost += _state.ApplyChunksLost(range));
        disk.Published.ForEach(_state.ApplyCompleted);
        disk.Stray.ForEach(name => StagedFiles.RemoveName(_staging, name));
        ReserveOpenFiles();

        var outcome = new PublishOutcome();
        Publish(disk.Staged, outcome);
        Recovery = Recovery with
        {
            ChunksLost = lost,
            FilesPublished = disk.Published.Count + outcome.Published.Count,
            StrayFilesRemoved = disk.Stray.Count,
        };
    }

    // What an earlier process had promised to files that are not staged. Where the disk has not got it any more, nothing is promised and the session looks at the problem.
    private void ReserveOpenFiles()
    {
        long bytes = 0;
        bool wantsFiles = false;
        for (int number = 0; number < _state.Pages.Count; number++)
        {
            IncomingPage page = _state.Pages[number];
            LoadedPage loaded = _state.Pages.Load(page);
            for (int i = 0; i < page.EntryCount; i++)
            {
                uint index = page.FirstEntry + (uint)i;
                if (loaded.Page.Entries[i].Kind == EntryKind.File && page.StateOf(index) == EntryState.Pending && !_staged.Exists(index))
                {
                    bytes = Saturating(bytes, Rounded(loaded.BytesOf(index)));
                    wantsFiles = true;
                }
            }
        }

        _hasBegun = _state.Pages.Count > 0;
        SpaceProblem = wantsFiles ? TryReserve(bytes, wantsFiles) : null;
    }

    private void PrepareVerification()
    {
        if (Recovery.WasClean
#if TEETH
            || Tooth.Bites("stale-bits-believed")
#endif
            )
        {
            return;
        }

        long chunks = 0;
        for (int number = 0; number < _state.Pages.Count; number++)
        {
            IncomingPage page = _state.Pages[number];
            if (page.Durable.NoneSet(0, page.ChunkCount))
            {
                continue;
            }

            LoadedPage loaded = _state.Pages.Load(page);
            for (int i = 0; i < page.EntryCount; i++)
            {
                uint index = page.FirstEntry + (uint)i;
                if (page.StateOf(index) == EntryState.Pending && _staged.Exists(index))
                {
                    (ChunkIndex first, int count) = loaded.Plan.ChunksOf(new EntryIndex(index));
                    _unverified.Add(index, first.Value, count);
                    chunks += page.Durable.CountSet((int)(first.Value - page.FirstChunk), count);
                }
            }
        }

        Recovery = Recovery with { ChunksToVerify = chunks };
    }
}
