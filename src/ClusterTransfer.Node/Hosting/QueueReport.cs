using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Node.Hosting;

/// <summary>The queue as the API shows it, from what the coordinators show.</summary>
internal static class QueueReport
{
    /// <summary>Who waits, in the order of creation.</summary>
    /// <param name="queue">Whether it is paused.</param>
    /// <param name="live">The transfers whose coordinators run.</param>
    /// <param name="unreadable">Those whose journal cannot be read.</param>
    public static QueueResource Of(QueueGate queue, IEnumerable<TransferResource> live, IEnumerable<KeyValuePair<TransferId, Problem>> unreadable)
    {
        // The queue's own first: it holds all others up.
        DamagedStreamResource[] damaged =
        [
            .. queue.Damage is { } damage ? [new DamagedStreamResource { Problem = damage }] : Array.Empty<DamagedStreamResource>(),
            .. unreadable.OrderBy(of => of.Key.Value, StringComparer.Ordinal).Select(of => new DamagedStreamResource { Transfer = of.Key, Problem = of.Value }),
        ];
        TransferResource[] open = [.. live.Where(transfer => !transfer.State.IsTerminal())];
        TransferResource[] waiting = [.. open.Where(Waits).OrderBy(transfer => transfer.CreatedAt).ThenBy(transfer => transfer.Id.Value, StringComparer.Ordinal)];
        return new QueueResource
        {
            Paused = queue.IsPaused,
            Since = queue.Since,
            RunningCount = open.Length - waiting.Length,
            WaitingCount = waiting.Length,
            Waiting = [.. waiting.Take(QueueResource.MaxListed).Select((transfer, index) => new QueuedTransferResource
            {
                Position = index + 1,
                Id = transfer.Id,
                Source = transfer.Source,
                Destination = transfer.Destination,
                State = transfer.State,
                Desired = transfer.Desired,
                Problem = transfer.Problem,
                WaitingSince = transfer.WaitingSince,
                NextRetrySeconds = transfer.NextRetrySeconds,
                CreatedAt = transfer.CreatedAt,
            })],
            DamagedCount = damaged.Length,
            Damaged = [.. damaged.Take(QueueResource.MaxListed)],
        };
    }

    // Without a session nothing moves; with one it may still wait, for a connection or for its ends to close.
    private static bool Waits(TransferResource transfer) =>
        transfer.State != TransferState.Finishing && (transfer.SourceNode is null || transfer.Problem is not null || transfer.Desired == DesiredState.Pause);
}
