using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <content>The end of a transfer: links, empty folders, folder modes and times; cancel; forget.</content>
public sealed partial class IncomingTransfer
{
    private const int LinkBatch = 512;

    /// <summary>Links, empty folders, then mode and time of every new folder, deepest first; flushed, except at level received, and journaled. The same again changes nothing.</summary>
    /// <returns>False when it was not allowed to its end, see <see cref="IncomingOptions.MayPublish"/>: call it again.</returns>
    /// <exception cref="ClusterTransferException">Not complete, cancelled, or the disk refused.</exception>
    public bool Finish()
    {
        lock (_commit)
        {
            ThrowIfUnusable();
            if (_state.IsFinished)
            {
                return true;
            }

            ThrowIfEnded();
            if (!_state.IsComplete)
            {
                throw new ClusterTransferException(Reason.WrongState, $"Transfer {_id} is not complete: {_state.OpenFiles} files have no outcome, or the manifest is not sealed.");
            }

            _hasBegun = true;
            try
            {
                var outcome = new PublishOutcome();
                PublishLinks(outcome);
                if (_isHolding || !TrySetFolders(outcome))
                {
                    return false;
                }
            }
            catch (NativeException error)
            {
                throw new ClusterTransferException(AtDestination(error), error);
            }

            AppendOrThrow(new JournalBatch().Add(JournalRecordType.Finished), flush: true);
            lock (_gate)
            {
                _state.IsFinished = true;
            }

            return true;
        }
    }

    /// <summary>Ends the transfer on request: files that are published stay, everything staged goes. After <see cref="Finish"/> it changes nothing.</summary>
    public void Cancel()
    {
        lock (_commit)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_state.IsFinished || _state.IsCancelled)
            {
                return;
            }

            JournalCancelled();
            lock (_gate)
            {
                _state.IsCancelled = true;
                _isHolding = false; // what was held goes with the rest
                Monitor.PulseAll(_gate);
                while (_ledger.InProgress.Count > 0)
                {
                    Monitor.Wait(_gate);
                }
            }

            _staged.Dispose();
            _space.Release(_reserved);
            _reserved = 0;
            StagingSession.RemoveStaged(_staging);
        }
    }

    // A full disk must not keep a person from freeing it: the derived index goes first, which nothing needs after this record.
    private void JournalCancelled()
    {
        JournalBatch Record() => new JournalBatch().Add(JournalRecordType.Cancelled);
        try
        {
            AppendOrThrow(Record(), flush: true);
        }
        catch (ClusterTransferException error) when (error.Reason == Reason.NoSpace)
        {
            _digests.Empty();
            AppendOrThrow(Record(), flush: true);
        }
    }

    /// <summary>Removes everything this node knows of the transfer, and closes it; for when the coordinator has recorded the outcome.</summary>
    public void Forget()
    {
        lock (_commit)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            StagingSession.Remove(_location, _staging, _id);
        }

        Dispose();
    }

    // A link goes the way of a file: made under its staging name, flushed, Verified, renamed.
    private void PublishLinks(PublishOutcome outcome)
    {
        Publish([], outcome);
        var batch = new List<VerifiedFile>();
        for (int number = 0; number < _state.Pages.Count; number++)
        {
            IncomingPage page = _state.Pages[number];
            LoadedPage loaded = _state.Pages.Load(page);
            for (int i = 0; i < page.EntryCount; i++)
            {
                uint index = page.FirstEntry + (uint)i;
                if (loaded.Page.Entries[i].Kind == EntryKind.SymbolicLink && page.StateOf(index) == EntryState.Pending)
                {
                    batch.Add(StageLink(index, loaded.Page.Entries[i]));
                    if (batch.Count == LinkBatch)
                    {
                        PublishLinkBatch(batch, outcome);
                    }
                }
            }
        }

        PublishLinkBatch(batch, outcome);
    }

    private VerifiedFile StageLink(uint index, ManifestEntry entry)
    {
        byte[] name = StagedFiles.LinkNameOf(index);
        StagedFiles.RemoveName(_staging, name);
        _staging.TryCreateSymbolicLink(entry.LinkTarget.Span, name).OrThrow("create the link", _staging, name);
        _staging.TrySetModified(name, entry.ModifiedNs).OrThrow("set the time of", _staging, name);
        _staging.TryStatus(name, out FileStatus status).OrThrow("read the status of", _staging, name);
        return new VerifiedFile(index, StagedIdentity.Of(status), default);
    }

    private void PublishLinkBatch(List<VerifiedFile> links, PublishOutcome outcome)
    {
        if (links.Count == 0)
        {
            return;
        }

        // A link has no handle to flush.
        Errno errno = _staging.TryFlushFileSystem();
        if (errno != Errno.None)
        {
            throw FlushFailure(errno, $"Links in '{_location.Folder}'");
        }

        JournalVerified(links);
        Publish(links, outcome);
        links.Clear();
    }

    // Backwards through the manifest: everything beneath a folder comes before it, so nothing touches its time afterwards.
    private bool TrySetFolders(PublishOutcome outcome)
    {
        for (int number = _state.Pages.Count - 1; number >= 0; number--)
        {
            IncomingPage page = _state.Pages[number];
            LoadedPage loaded = _state.Pages.Load(page);
            for (int i = page.EntryCount - 1; i >= 0; i--)
            {
                uint index = page.FirstEntry + (uint)i;
                ManifestEntry entry = loaded.Page.Entries[i];
                if (entry.Kind == EntryKind.Folder && page.StateOf(index) == EntryState.Pending && !TrySetFolder(index, entry, outcome))
                {
                    return false;
                }
            }
        }

        FlushFolders();
        Errno errno = WaitsForFolders ? _staging.TryFlushFileSystem() : Errno.None;
        if (errno != Errno.None)
        {
            throw FlushFailure(errno, $"'{_location.Folder}'");
        }

        return true;
    }

    // False when it must not be.
    private bool TrySetFolder(uint index, ManifestEntry entry, PublishOutcome outcome)
    {
        if (!_options.MayPublish())
        {
            return false;
        }

        SafeRelativePath target = TargetOf(entry.Path);
        Errno errno = _tree.TryOpen(target, out FolderHandle? folder);
        if (errno == Errno.NoSpace)
        {
            throw new NativeException(errno, "make the folder", DisplayTarget(entry.Path));
        }

        if (errno != Errno.None)
        {
            SettledEntry settled = OutcomeOf(index, entry, errno);
            AppendOrThrow(new JournalBatch().EntrySettled(settled), flush: false);
            lock (_gate)
            {
                _state.ApplySettled(settled);
            }

            outcome.Issues.Add(IssueOf(entry, settled));
            return true;
        }

        Fault("finish.folder");
        if (!_options.MayPublish())
        {
            return false;
        }

        folder!.SetMode(ModeOf(entry)); // open when there was no error
        folder.SetModified(entry.ModifiedNs);
        return true;
    }
}
