using System.Text.Json;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Tells the story of a transfer from any position on: what is stored of it, then its progress, then a wait for more.</summary>
internal sealed class EventReader(LiveTransfers live, ITransferCatalogue catalogue, TimeProvider time)
{
    // An answer that crosses the bus stays well below its message limit.
    private const int EventsPerRead = 8;

    // A transfer that runs but has no coordinator yet is being recovered: nothing tells when that is done.
    private static readonly TimeSpan RecoveryPoll = TimeSpan.FromSeconds(1);

    /// <summary>As <see cref="Api.ITransferService.ReadEventsAsync"/> promises.</summary>
    public async Task<TransferEvents> ReadAsync(TransferId id, EventPosition after, TimeSpan wait, CancellationToken cancellationToken)
    {
        // A node of an older version does not say what it has seen: it wants what comes.
        long? seen = after.View ?? live.Look(id)?.Version;
        using var timeout = new WaitLimit(wait, time, cancellationToken);
        while (true)
        {
            // Looked at before the events are read: a coordinator leaves when all of its events are written, so none can follow the ones read here.
            (TransferResource Transfer, long Version)? view = live.Look(id);
            IReadOnlyList<StoredTransferEvent> stored =
                await catalogue.ReadEventsAsync(id, after.Sequence, EventsPerRead, cancellationToken).ConfigureAwait(false);
            if (stored.Count > 0)
            {
                return new TransferEvents(EventGap.Tell(after.Sequence, [.. stored.Select(Restore)]), after.View);
            }

            if (view is null)
            {
                TransferResource row = await catalogue.GetAsync(id, cancellationToken).ConfigureAwait(false)
                    ?? throw new ClusterTransferException(Reason.TransferUnknown, $"There is no transfer '{id}'.");
                if (row.State.IsTerminal())
                {
                    return new TransferEvents([], after.View);
                }
            }
            else if (view.Value.Version != seen)
            {
                return new TransferEvents([Progress(view.Value.Transfer)], view.Value.Version);
            }

            try
            {
                await (view is null
                    ? Task.Delay(RecoveryPoll, time, timeout.Token)
                    : live.ChangedAsync(id, view.Value.Version, timeout.Token)).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new TransferEvents([], after.View);
            }
        }
    }

    private static TransferEvent Restore(StoredTransferEvent stored)
    {
        (TransferResource transfer, IReadOnlyDictionary<string, JsonElement>? data) = EventDetails.Read(stored.DataJson ?? "null");
        return new TransferEvent(stored.Sequence, stored.At, stored.Kind, stored.Text, transfer, data);
    }

    private TransferEvent Progress(TransferResource transfer) => new(0, time.GetUtcNow(), "progress", string.Empty, transfer);
}
