using ClusterTransfer.Model;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

// What the source must hear of: chunks that were found damaged and have not come again yet.
internal sealed partial class DestinationSession
{
    private readonly Notices<ChunkIndex> _lost = new();

    private void AskFor(IEnumerable<ChunkIndex> chunks)
    {
        foreach (ChunkIndex chunk in chunks)
        {
            _lost.Add(chunk);
        }

        SendNotices();
    }

    protected override OutgoingFrame? NextNotice(int connection) => _lost.Take(1, connection) is [var chunk]
        ? Frame(FrameType.Nack, new NackBody(NackReason.Lost, "found damaged on disk", default, default).ToArray(), chunk: chunk.Value)
        : null;
}
