using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

// Chunks the destination had and found damaged: pages are taken up again for them one by one, within the limit of open pages.
internal sealed partial class SourceSession
{
    // Looked at in one step; the others stay in the set, which no peer can grow beyond the chunks there are.
    private const int LostBatch = 1_024;

    private readonly HashSet<ChunkIndex> _lostChunks = [];
    private bool _readingLost;

    private void NoteLost(ChunkIndex chunk)
    {
        if (chunk.Value < _chunksAnnounced && _lostChunks.Add(chunk))
        {
            ReadLost();
        }
    }

    private void ReadLost()
    {
        if (_readingLost || _lostChunks.Count == 0 || _ledger.OpenPages >= Services.Options.ActivePages)
        {
            return;
        }

        _readingLost = true;
        ChunkIndex[] some = [.. _lostChunks.Take(LostBatch)];
        Step("reading the manifest", () => PageOfLost(_outgoing!, some), found => found);
    }

    private static SourceProtocol.PageOfLostChunks PageOfLost(OutgoingTransfer outgoing, ChunkIndex[] chunks)
    {
        int number = outgoing.PageOfChunk(chunks[0]);
        PagePlan plan = outgoing.GetPlan(number);
        return new SourceProtocol.PageOfLostChunks(outgoing.GetPage(number), plan, [.. chunks.Where(plan.Contains)]);
    }

    private void OnPageOfLostChunks(SourceProtocol.PageOfLostChunks lost)
    {
        _readingLost = false;
        _lostChunks.ExceptWith(lost.Chunks);
        foreach (ChunkIndex chunk in lost.Chunks)
        {
            _sent[chunk.Value] = true;   // The destination had it, from this session or an earlier one.
        }

        Note("chunk-lost", lost.Chunks.Count == 1
            ? $"Chunk {lost.Chunks[0]} was found damaged at {Command.Peer} after its restart and is sent again."
            : $"{lost.Chunks.Count} chunks of page {lost.Page.Number}, the first one {lost.Chunks[0]}, were found damaged at {Command.Peer} and are sent again.");
        if (_announced.TryGetValue(lost.Page.Number, out AnnouncedPage? announced))
        {
            announced.Lost.UnionWith(lost.Chunks);
        }
        else
        {
            Reopen(lost);
        }

        ReadLost();
        Dispatch();
    }

    private void Reopen(SourceProtocol.PageOfLostChunks lost)
    {
        bool isOpen = true;
        foreach (ChunkIndex chunk in lost.Chunks)
        {
            if (_ledger.InFlight.TryGetValue(chunk, out ChunkInFlight? inFlight))
            {
                // Its acknowledgement is on its way, perhaps over another connection, and says nothing any more: what it was for is lost.
                Context.Stop(inFlight.Actor);
                _ledger.Requeue(chunk);
            }

            isOpen = _ledger.Reopen(lost.Page.Number, chunk);
        }

        if (!isOpen)
        {
            // Everything else of that page is settled, or it would be open.
            HashSet<ChunkIndex> chunks = [.. lost.Chunks];
            _ledger.Open(lost.Page, lost.Plan, chunk => !chunks.Contains(chunk));
        }
    }
}
