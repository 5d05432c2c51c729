using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>Compares the journal with the staging folder and decides by the rows F of docs/recovery.md. Changes nothing.</summary>
/// <param name="staging">The transfer's folder.</param>
/// <param name="state">What the journal says.</param>
/// <param name="isAtTarget">Whether the verified file is under its final name, edited or not.</param>
internal sealed class StagingReview(FolderHandle staging, TransferState state, Func<VerifiedFile, ManifestEntry, bool> isAtTarget)
{
    private readonly HashSet<uint> _present = [];
    private readonly HashSet<uint> _lost = [];

    /// <summary>Names that nothing vouches for: F1, F2, F5, F9, F16, F17.</summary>
    public List<byte[]> Stray { get; } = [];

    /// <summary>Entries with durable chunks whose staged file is as we left it: F3.</summary>
    public List<uint> Sound { get; } = [];

    /// <summary>Durable chunks without their bytes: F4, F5, F7, F9, F12 to F14.</summary>
    public List<ChunkRange> Lost { get; } = [];

    /// <summary>Entries whose verified file is in neither place: F9, F12 to F14.</summary>
    public List<uint> Unverified { get; } = [];

    /// <summary>Verified and under the final name: F10, F11. What was done to the file there is a person's business.</summary>
    public List<uint> Published { get; } = [];

    /// <summary>Verified and staged: F8, F15.</summary>
    public List<VerifiedFile> Staged { get; } = [];

    /// <summary>Looks at every name and every entry.</summary>
    /// <param name="rehashVerified">Whether small verified files are read and hashed again.</param>
    public void Run(bool rehashVerified)
    {
        List<byte[]> names = [];
        staging.List(name => names.Add(name.ToArray()));
        names.ForEach(ReviewName);
        foreach (VerifiedFile file in state.Verified.Values)
        {
            ReviewVerified(file, rehashVerified);
        }

        ReviewPages();
    }

    /// <summary>Published entries of which a staged name is there: leftovers, or renames that a power cut took back.</summary>
    public static HashSet<uint> FindStagedAgain(FolderHandle staging, TransferState state)
    {
        HashSet<uint> found = [];
        staging.List(name =>
        {
            if (StagedFiles.TryParse(name, out uint entry, out _) && state.StateOf(entry) == EntryState.Published)
            {
                found.Add(entry);
            }
        });
        return found;
    }

    /// <summary>Whether the staged name of the entry stands for the file or link that was verified.</summary>
    public static bool IsStaged(FolderHandle staging, TransferState state, in VerifiedFile file) =>
        state.Find(file.Entry) is { } found
        && staging.TryStatus(StagedFiles.NameOf(file.Entry, found.Loaded.Entry(file.Entry).Kind), out FileStatus status) == Errno.None
        && StagedIdentity.Of(status) == file.Identity;

    private void ReviewName(byte[] name)
    {
        if (name.AsSpan().SequenceEqual(StagingSession.JournalName) || name.AsSpan().SequenceEqual(StagingSession.DigestsName))
        {
            return;
        }

        if (!StagedFiles.TryParse(name, out uint index, out bool isLink) || state.Find(index) is not { } found)
        {
            Stray.Add(name);
            return;
        }

        ManifestEntry entry = found.Loaded.Entry(index);
        bool isRightKind = entry.Kind == (isLink ? EntryKind.SymbolicLink : EntryKind.File);
        switch (found.Page.StateOf(index))
        {
            case EntryState.Verified when isRightKind:
                _present.Add(index);
                break;
            case EntryState.Pending when isRightKind && !isLink && HasDurableChunks(found.Page, found.Loaded, index) && IsSound(name, entry):
                Sound.Add(index);
                _present.Add(index);
                break;
            case EntryState.Parked when isRightKind && !isLink && HasDurableChunks(found.Page, found.Loaded, index) && IsSound(name, entry):
                break; // a later round may go on with it
            default:
                Stray.Add(name);
                break;
        }
    }

    private static bool HasDurableChunks(IncomingPage page, LoadedPage loaded, uint index)
    {
        (ChunkIndex first, int count) = loaded.Plan.ChunksOf(new EntryIndex(index));
        return count > 0 && !loaded.Plan.At(first).IsPacked && !page.Durable.NoneSet((int)(first.Value - page.FirstChunk), count);
    }

    private bool IsSound(byte[] name, ManifestEntry entry) =>
        staging.TryStatus(name, out FileStatus status) == Errno.None && StagedFiles.IsSound(status, entry.Size);

    private void ReviewVerified(in VerifiedFile file, bool rehash)
    {
        (IncomingPage page, LoadedPage loaded) = state.Find(file.Entry)!.Value; // verified entries are of accepted pages
        ManifestEntry entry = loaded.Entry(file.Entry);
        bool isLink = entry.Kind == EntryKind.SymbolicLink;
        byte[] name = StagedFiles.NameOf(file.Entry, entry.Kind);
        bool isStaged = _present.Contains(file.Entry);
        if (!isStaged && isAtTarget(file, entry))
        {
            Published.Add(file.Entry);
            return;
        }

        if (isStaged && (isLink ? IsOurLink(name, file, entry) : IsOurFile(name, file, entry, rehash && entry.Size < loaded.Page.BaseChunkSize)))
        {
            Staged.Add(file);
            return;
        }

        Unverified.Add(file.Entry);
        if (isStaged)
        {
            Stray.Add(name);
        }

        if (!isLink)
        {
            (ChunkIndex first, int count) = loaded.Plan.ChunksOf(new EntryIndex(file.Entry));
            AddLost(page, first.Value, count);
        }
    }

    private bool IsOurLink(byte[] name, in VerifiedFile file, ManifestEntry entry) =>
        staging.TryStatus(name, out FileStatus status) == Errno.None
        && StagedIdentity.Of(status) == file.Identity
        && staging.TryReadLink(name, out byte[] target) == Errno.None
        && entry.LinkTarget.Span.SequenceEqual(target);

    private bool IsOurFile(byte[] name, in VerifiedFile file, ManifestEntry entry, bool rehash)
    {
        if (staging.TryStatus(name, out FileStatus status) != Errno.None
            || !StagedFiles.IsSound(status, entry.Size)
            || StagedIdentity.Of(status) != file.Identity
            || status.ModifiedNs != entry.ModifiedNs)
        {
            return false;
        }

        return !rehash || staging.TryOpenFile(name, out FileHandle? handle) switch
        {
            Errno.None => HasRoot(handle!, (int)entry.Size, file.Root), // open when there was no error
            Errno.AccessDenied => true, // the source's mode keeps us from reading; identity, size and time are right
            _ => false,
        };
    }

    private static bool HasRoot(FileHandle handle, int size, Digest root)
    {
        using (handle)
        {
            byte[] bytes = new byte[size];
            return handle.TryRead(bytes, 0, out int read) == Errno.None && read == size && Blake3.Hash(bytes) == root;
        }
    }

    private void ReviewPages()
    {
        for (int number = 0; number < state.Pages.Count; number++)
        {
            IncomingPage page = state.Pages[number];
            if (page.Durable.NoneSet(0, page.ChunkCount))
            {
                continue;
            }

            LoadedPage loaded = state.Pages.Load(page);
            for (int i = 0; i < page.EntryCount; i++)
            {
                uint index = page.FirstEntry + (uint)i;
                if (loaded.Page.Entries[i].Kind == EntryKind.File && page.StateOf(index) == EntryState.Pending && !_present.Contains(index))
                {
                    (ChunkIndex first, int count) = loaded.Plan.ChunksOf(new EntryIndex(index));
                    AddLost(page, first.Value, count);
                }
            }
        }
    }

    private void AddLost(IncomingPage page, uint first, int count)
    {
        if (!page.Durable.NoneSet((int)(first - page.FirstChunk), count) && _lost.Add(first))
        {
            Lost.Add(new ChunkRange(first, (uint)count));
        }
    }
}
