using ClusterTransfer.Storage.Incoming;

namespace ClusterTransfer.Fuzz.NodeJournal;

/// <summary>What must hold of a transfer's state whatever a journal said.</summary>
internal static class StateCheck
{
    // Counting bits of a page with millions of chunks would take longer than everything else.
    private const int MostCounted = 4096;

    public static void Check(TransferState state)
    {
        Check(state.OpenFiles >= 0 && state.FilesPublished >= 0 && state.FilesSkipped >= 0 && state.FilesParked >= 0, "A count of files is negative.");
        Check(state.OpenFiles + state.FilesPublished + state.FilesSkipped + state.FilesParked == state.Files, "The files do not add up.");
        Check(state.ChunksDone >= 0 && state.ChunksDone <= state.Chunks, $"{state.ChunksDone} of {state.Chunks} chunks are done.");
        Check(state.BytesDurable >= 0 && state.BytesDurable <= state.Bytes, $"{state.BytesDurable} of {state.Bytes} bytes are durable.");
        Check(state.BytesPublished >= 0 && state.BytesPublished <= state.BytesVerified && state.BytesVerified <= state.Bytes, $"{state.BytesPublished} bytes are published, {state.BytesVerified} verified, of {state.Bytes}.");
        Check(Enum.IsDefined(state.Conflict) && Enum.IsDefined(state.Durability), $"The policy is {state.Conflict}, the level {state.Durability}.");
        Check(state.Issues.Count <= TransferState.MaxIssues, "More issues are kept than may be.");
        Check(state.Seal is not { } seal || state.Fits(seal), "The seal does not fit the pages.");
        CheckPages(state);
        _ = state.ToProgress();
    }

    /// <summary>A line that two states which are alike have in common.</summary>
    public static string Line(TransferState state) =>
        $"{state.Folder} {state.Conflict} {state.Durability} {state.HighestEpoch} {state.Round} {state.Pages.Count} {state.Entries} {state.Files} {state.Bytes} {state.Chunks} {state.OpenFiles} {state.BytesDurable} "
        + $"{state.BytesPublished} {state.BytesVerified} {state.ChunksDone} {state.FilesPublished} {state.FilesSkipped} {state.FilesParked} {state.IsFinished} {state.IsCancelled} {state.Seal} {state.Issues.Count} {state.Verified.Count} {state.SourceRoots.Count}";

    private static void CheckPages(TransferState state)
    {
        long entries = 0;
        long chunks = 0;
        long done = 0;
        bool isCounted = true;
        for (int number = 0; number < state.Pages.Count; number++)
        {
            IncomingPage page = state.Pages[number];
            Check(page.FirstEntry == entries && page.FirstChunk == chunks, "The pages do not follow each other.");
            entries += page.EntryCount;
            chunks += page.ChunkCount;
            isCounted &= page.ChunkCount <= MostCounted;
            for (int i = 0; isCounted && i < page.ChunkCount; i++)
            {
                done += page.Durable[i] || page.NotWanted[i] ? 1 : 0;
            }

            for (int i = 0; i < page.EntryCount; i++)
            {
                Check(page.StateOf(page.FirstEntry + (uint)i) == EntryState.Verified == state.Verified.ContainsKey(page.FirstEntry + (uint)i), "An entry is verified, or it is not, and the list says otherwise.");
            }
        }

        Check(entries == state.Entries && chunks == state.Chunks && (!isCounted || done == state.ChunksDone), $"The bits of {done} chunks are set, {state.ChunksDone} are counted.");
    }

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FuzzException(problem);
        }
    }
}
