using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Api;

/// <summary>What the API needs of the part that owns transfers.</summary>
/// <remarks>Every method throws <see cref="ClusterTransferException"/> with a <see cref="Reason"/> for what a caller can do wrong or must wait
/// for; the API turns it into a problem answer through <see cref="ReasonCatalogue"/>. Other exceptions are bugs and answer 500.</remarks>
public interface ITransferService
{
    /// <summary>Accepts a transfer. Returns once it is journaled, so that no answer outlives a crash.</summary>
    /// <param name="body">What is asked for; its enums are defined values, its texts are not yet checked.</param>
    /// <param name="idempotencyKey">1 to 200 printable characters that make a repeated submit harmless; null for none. A repeat gets the transfer
    /// of the first, whatever became of its nodes meanwhile; another body with the same key gets <see cref="Reason.KeyReused"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not the transfer.</param>
    Task<SubmitResult> SubmitAsync(SubmitTransfer body, string? idempotencyKey, CancellationToken cancellationToken);

    /// <summary>One page.</summary>
    Task<TransferPage> ListAsync(TransferListQuery query, CancellationToken cancellationToken);

    /// <summary>One transfer by its id or a unique prefix of 4 or more characters.</summary>
    Task<TransferResource> GetAsync(string idOrPrefix, CancellationToken cancellationToken);

    /// <summary>Asks for the end of a transfer; returns it as it is once the wish is journaled. A wish that is there already is no error.</summary>
    Task<TransferResource> CancelAsync(string idOrPrefix, CancellationToken cancellationToken);

    /// <summary>Asks that a transfer holds at the next safe point; as <see cref="CancelAsync"/> otherwise.</summary>
    Task<TransferResource> PauseAsync(string idOrPrefix, CancellationToken cancellationToken);

    /// <summary>Asks that a paused transfer goes on; as <see cref="CancelAsync"/> otherwise.</summary>
    Task<TransferResource> ResumeAsync(string idOrPrefix, CancellationToken cancellationToken);

    /// <summary>Takes up again a transfer that failed or was partly delivered, under its id.</summary>
    /// <param name="idOrPrefix">The transfer.</param>
    /// <param name="what">Only some of its files; with neither field all that was not delivered.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<TransferResource> RetryAsync(string idOrPrefix, RetryTransfer what, CancellationToken cancellationToken);

    /// <summary>Limits how fast a transfer sends; returns it once that is journaled. The limit that it has already is no error.</summary>
    Task<TransferResource> LimitAsync(string idOrPrefix, LimitTransfer limit, CancellationToken cancellationToken);

    /// <summary>How fast the nodes send at most, as far as the hub knows.</summary>
    Task<IReadOnlyList<NodeLimitsResource>> NodeLimitsAsync(CancellationToken cancellationToken);

    /// <summary>Limits how fast a node sends, in all or to another; returns what holds, once that is journaled and the node has had a moment to answer.</summary>
    Task<NodeLimitsResource> LimitNodeAsync(NodeId node, LimitNode limit, CancellationToken cancellationToken);

    /// <summary>Whether the queue is paused, and who waits.</summary>
    Task<QueueResource> QueueAsync(CancellationToken cancellationToken);

    /// <summary>Asks that all transfers hold, those of later as well; returns the queue once the wish is journaled. A wish that is there already is no error.</summary>
    Task<QueueResource> PauseQueueAsync(CancellationToken cancellationToken);

    /// <summary>Lets all transfers go on, but for those that are paused themselves; as <see cref="PauseQueueAsync"/> otherwise.</summary>
    Task<QueueResource> ResumeQueueAsync(CancellationToken cancellationToken);

    /// <summary>The live data connections of a transfer; empty while it has none.</summary>
    Task<IReadOnlyList<ConnectionReport>> ConnectionsAsync(string idOrPrefix, CancellationToken cancellationToken);

    /// <summary>How many chunks of a transfer are where, and those that were given up.</summary>
    Task<ChunksResource> ChunksAsync(string idOrPrefix, CancellationToken cancellationToken);

    /// <summary>A page of what the connected nodes keep of transfers.</summary>
    /// <param name="remove">Whether they remove what no transfer needs, and say what became of it.</param>
    /// <param name="cursor">Where the page before ended; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait, not the removal.</param>
    Task<KeptPage> KeptAsync(bool remove, string? cursor, CancellationToken cancellationToken);

    /// <summary>Waits for events after a position.</summary>
    /// <param name="id">The whole id, as <see cref="GetAsync"/> gave it.</param>
    /// <param name="after">What the caller has; the next one is the last sequence number of the answer and its view.</param>
    /// <param name="wait">How long to wait when there is nothing yet.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Stored events in order, and at most one passing <c>progress</c> event (sequence 0, last) when there is progress that the caller has not seen;
    /// empty after <paramref name="wait"/>, and at once when the transfer has ended and no event after that number will ever be.</returns>
    Task<TransferEvents> ReadEventsAsync(TransferId id, EventPosition after, TimeSpan wait, CancellationToken cancellationToken);
}
