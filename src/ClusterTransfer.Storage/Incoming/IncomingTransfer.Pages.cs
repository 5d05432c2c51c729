using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <content>Manifest pages: validated whole, space reserved, journaled, and only then allowed to touch the disk.</content>
public sealed partial class IncomingTransfer
{
    // The kernel takes paths below 4,096 bytes, its closing NUL included.
    private const int MaxTargetLength = SafeRelativePath.MaxLength - 1;

    /// <summary>Takes the next page. The same page again is answered as before; a refused one changes nothing.</summary>
    /// <param name="encoded">As it came over the wire.</param>
    /// <exception cref="JournalFlushException">The process must stop.</exception>
    /// <exception cref="ClusterTransferException">The transfer has ended or failed.</exception>
    public PageResult AcceptPage(ReadOnlySpan<byte> encoded)
    {
        lock (_commit)
        {
            ThrowIfEnded();
            if (!ManifestCodec.TryDecode(encoded, out ManifestPage? page, out string? problem))
            {
                return Refused(Reason.ProtocolViolation, $"The manifest page is refused: {problem}.");
            }

            Digest hash = ManifestCodec.HashOf(encoded);
            if (page.Number < _state.Pages.Count)
            {
                IncomingPage known = _state.Pages[page.Number];
                return known.Hash == hash
                    ? new PageResult(new ChunkIndex(known.FirstChunk), known.ChunkCount, null)
                    : Refused(Reason.ProtocolViolation, $"Manifest page {page.Number} differs from the one accepted before.");
            }

            problem = _state.CheckNext(page);
            if (problem is not null)
            {
                return Refused(Reason.ProtocolViolation, $"Manifest page {page.Number} is refused: {problem}.");
            }

            try
            {
                return AcceptChecked(page, encoded, hash);
            }
            catch (NativeException error)
            {
                return new PageResult(default, 0, AtDestination(error));
            }
        }
    }

    /// <summary>Takes the source's word that the manifest is complete. The same again changes nothing.</summary>
    /// <exception cref="ClusterTransferException">It does not count what the pages hold.</exception>
    public void AcceptSeal(ManifestSeal seal)
    {
        lock (_commit)
        {
            ThrowIfUnusable();
            if (_state.Seal == seal)
            {
                return;
            }

            ThrowIfEnded();
            if (_state.Seal is not null || !_state.Fits(seal))
            {
                throw new ClusterTransferException(
                    Reason.ProtocolViolation,
                    $"The manifest's seal counts {seal.Pages} pages, {seal.Entries} entries, {seal.Chunks} chunks, {seal.Bytes} bytes; {_state.Pages.Count}, {_state.Entries}, {_state.Chunks}, {_state.Bytes} arrived, or the root differs.");
            }

            AppendOrThrow(new JournalBatch().Add(JournalRecordType.Sealed, TransferState.SealToBytes(seal)), flush: true);
            lock (_gate)
            {
                _state.Seal = seal;
            }
        }
    }

    private static PageResult Refused(Reason reason, string detail) => new(default, 0, new Problem(reason, detail));

    private PageResult AcceptChecked(ManifestPage page, ReadOnlySpan<byte> encoded, Digest hash)
    {
        var plan = new PagePlan(page);
        var outcome = new PageOutcome();
        Problem? problem = CheckNames(page, outcome) ?? (page.Number == 0 ? CheckWritable(page.Entries[0].Path) : null);
        if (problem is not null)
        {
            return new PageResult(default, 0, problem);
        }

        long bytes = 0;
        bool wantsFiles = false;
        for (int i = 0; i < page.Entries.Count; i++)
        {
            if (page.Entries[i].Kind == EntryKind.File && !outcome.HasOutcome(page.FirstEntry + (uint)i))
            {
                bytes = Saturating(bytes, Rounded(page.BytesOf(page.Entries[i])));
                wantsFiles = true;
            }
        }

        problem = TryReserve(bytes, wantsFiles);
        if (problem is not null)
        {
            return new PageResult(default, 0, problem);
        }

        var batch = new JournalBatch().Add(JournalRecordType.PageAccepted, encoded);
        outcome.AddTo(batch);
        Fault("d1.before");
        long[] offsets;
        try
        {
#if TEETH
            offsets = _journal.Append(batch, flush: !Tooth.Bites("page-before-journal"));
#else
            offsets = _journal.Append(batch, flush: true);
#endif
        }
        catch (NativeException)
        {
            _space.Release(bytes);
            Interlocked.Add(ref _reserved, -bytes);
            throw;
        }

        Fault("d1.after");
        lock (_gate)
        {
            _state.ApplyPage(page, plan, hash, offsets[0], encoded.Length);
            outcome.ApplyTo(_state);
        }

        return new PageResult(new ChunkIndex(page.FirstChunk), plan.ChunkCount, null);
    }

    private Problem? TryReserve(long bytes, bool wantsFiles)
    {
        FreeSpace free = FreeNow();
        Problem? problem = wantsFiles && !free.HasRoomForFiles
            ? Full("The file system has no room for another file.")
            : _space.TryReserve(bytes, free.AvailableBytes, _options.FreeSpaceMarginBytes, _location);
        if (problem is null)
        {
            Interlocked.Add(ref _reserved, bytes);
        }

        return problem;
    }

    private static long Saturating(long sum, long more) => sum > long.MaxValue - more ? long.MaxValue : sum + more;

    // Decides by what is at the destination now; what appears later is met by the rename, which never replaces without being told to.
    private Problem? CheckNames(ManifestPage page, PageOutcome outcome)
    {
        using var probe = new DestinationProbe(_location.Root);
        for (int i = 0; i < page.Entries.Count; i++)
        {
            ManifestEntry entry = page.Entries[i];
            uint index = page.FirstEntry + (uint)i;
            if (TooLong(entry) is null && _location.Refuse(TargetOf(entry.Path)) is { } reserved)
            {
                return new Problem(Reason.NameRefused, reserved.Detail);
            }

            SettledEntry? settled = Decide(index, entry, probe, outcome);
            if (index == 0 && settled is { IsSilent: false } refused)
            {
                return refused.Problem;
            }
        }

        return null;
    }

    // What stands under the entry's name now decides what becomes of it; settled when nothing does.
    private SettledEntry? Decide(uint index, ManifestEntry entry, DestinationProbe probe, PageOutcome outcome)
    {
        SettledEntry? settled = null;
        bool isOurs = false;
        if (TooLong(entry) is { } tooLong)
        {
            settled = new SettledEntry(index, FileState.Parked, tooLong, IsSilent: false);
        }
        else
        {
            bool isFolder = entry.Kind == EntryKind.Folder;
            Occupant occupant = probe.Find(TargetOf(entry.Path), out FileStatus status);
            ManifestEntry? placed = occupant is Occupant.File or Occupant.Folder ? _state.Earlier.Find(entry.Path) : null;
            isOurs = placed is not null && EarlierFiles.IsStill(placed, status);
            switch (occupant)
            {
                case Occupant.None:
                    break;
                case Occupant.Folder when isFolder:
                    if (!isOurs)
                    {
                        outcome.Merged.Add(index);
                    }

                    break;
                case Occupant.File when !isFolder && isOurs && EarlierFiles.IsSame(placed!, entry): // ours when not null
                    outcome.Adopt(index);
                    break;
                case Occupant.File when !isFolder && (isOurs || _options.Conflict == ConflictPolicy.Overwrite):
                    break;
                case Occupant.File when !isFolder:
                    settled = Exists(index, entry, "exists", isSilent: _options.Conflict == ConflictPolicy.Skip);
                    break;
                case Occupant.File:
                    settled = Exists(index, entry, "is not a folder", isSilent: false);
                    break;
                case Occupant.Folder:
                    settled = Exists(index, entry, "is a folder", isSilent: false);
                    break;
                default:
                    settled = Exists(index, entry, "lies beneath a file or a link, which is not followed", isSilent: false);
                    break;
            }
        }

        // A page that comes in a round for some of the files: its list is new, or this node had lost the old one. What an earlier round put in place and the
        // source has changed since is brought up to date as in any round.
        if (settled is null && !isOurs && entry.Kind != EntryKind.Folder && _selection?.Has(entry) == false)
        {
            settled = new SettledEntry(index, FileState.Parked, new Problem(Reason.PartlyDelivered, $"'{entry.Path}' was not named when the transfer was taken up again."), IsSilent: true);
        }

        if (settled is { } one)
        {
            outcome.Settle(one);
        }

        return settled;
    }

    private Problem? TooLong(ManifestEntry entry) => _folder.Bytes.Length + 1 + entry.Path.Bytes.Length > MaxTargetLength
        ? new Problem(Reason.NameRefused, $"'{entry.Path}' in '{_location.Name}:{_folder}' is longer than the {MaxTargetLength} bytes a path may have.")
        : null;

    private SettledEntry Exists(uint index, ManifestEntry entry, string what, bool isSilent) =>
        new(index, FileState.Skipped, new Problem(Reason.DestinationExists, $"'{DisplayTarget(entry.Path)}' {what}."), isSilent);

    // The nearest folder that is there must be one we may write in: said before the first byte, not after the last.
    private Problem? CheckWritable(SafeRelativePath result)
    {
        SafeRelativePath path = TargetOf(result).Parent;
        while (true)
        {
            Errno errno = _location.Root.TryOpenFolder(path.Bytes, out FolderHandle? folder);
            if (errno == Errno.NoEntry && !path.IsEmpty)
            {
                path = path.Parent;
                continue;
            }

            using (folder)
            {
                errno = errno == Errno.None ? folder!.TryWriteAccess() : errno; // open when there was no error
            }

            return errno == Errno.None
                ? null
                : new Problem(Reason.DestinationNotWritable, $"'{_location.Name}:{path}' cannot be written: {errno.Text()}.");
        }
    }

    private void AppendOrThrow(JournalBatch batch, bool flush)
    {
        try
        {
            _journal.Append(batch, flush);
        }
        catch (NativeException error)
        {
            throw new ClusterTransferException(AtDestination(error), error);
        }
    }
}
