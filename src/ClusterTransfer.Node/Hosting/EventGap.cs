using ClusterTransfer.Journal;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Says in a transfer's log how many of its oldest lines are gone. Sequence numbers have no gap but that.</summary>
internal static class EventGap
{
    /// <summary>The lines, with one before them where older ones should be.</summary>
    /// <param name="after">The last sequence number the reader has.</param>
    /// <param name="stored">What follows it, in order; at least one.</param>
    public static IReadOnlyList<TransferEvent> Tell(long after, TransferEvent[] stored) => stored[0].Sequence == after + 1
        ? stored
        :
        [
            new TransferEvent(
                stored[0].Sequence - 1,
                stored[0].At,
                "events-dropped",
                $"{stored[0].Sequence - 1 - after} older events are not kept: a transfer keeps its newest {ITransferCatalogue.MaxEvents}.",
                stored[0].Transfer),
            .. stored,
        ];
}
