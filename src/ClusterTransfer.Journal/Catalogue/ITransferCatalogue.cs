using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Journal;

/// <summary>What the API lists: transfers, their event logs and the keys of submitted requests.</summary>
/// <remarks>A transfer's row is a cache of its stream <c>transfer-ID</c>; where they differ, the stream is right.</remarks>
public interface ITransferCatalogue
{
    /// <summary>Stream name of a transfer, without its id.</summary>
    const string StreamPrefix = "transfer-";

    /// <summary>Stores the transfer's row, replacing the one before.</summary>
    Task UpsertAsync(TransferResource transfer, CancellationToken cancellationToken);

    /// <summary>The transfer, or null.</summary>
    Task<TransferResource?> GetAsync(TransferId id, CancellationToken cancellationToken);

    /// <summary>Ids that start with the text, in order, at most <paramref name="limit"/> (1 to 200).</summary>
    Task<IReadOnlyList<TransferId>> FindByPrefixAsync(string prefix, int limit, CancellationToken cancellationToken);

    /// <summary>A page of transfers. The cost of a page does not grow with the transfers before it.</summary>
    /// <param name="query">Which, and in which order.</param>
    /// <param name="live">All transfers whose coordinators run; they are listed as they are there, and their rows are left out.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClusterTransferException"><see cref="Reason.InvalidRequest"/>: the cursor is not one of ours, or of a list with another order or other filters.</exception>
    Task<TransferPage> ListAsync(TransferListQuery query, IReadOnlyList<LiveTransfer> live, CancellationToken cancellationToken);

    /// <summary>Every transfer that has a stream but no row in a terminal state: what has to be taken up again after a start.</summary>
    Task<IReadOnlyList<TransferId>> ListOpenAsync(CancellationToken cancellationToken);

    /// <summary>Adds a line to the transfer's log and returns its sequence number, from 1.</summary>
    Task<long> AppendEventAsync(
        TransferId id, DateTimeOffset at, string kind, string text, string? dataJson, CancellationToken cancellationToken);

    /// <summary>Lines after a sequence number, in order, at most <paramref name="max"/> (1 to 1,000).</summary>
    Task<IReadOnlyList<StoredTransferEvent>> ReadEventsAsync(TransferId id, long after, int max, CancellationToken cancellationToken);

    /// <summary>Lines of a transfer's log that are kept, the newest; numbers go on, so that a gap before the first one tells how many went.</summary>
    const int MaxEvents = 10_000;

    /// <summary>Removes transfers that have ended before a time, the earliest first, with their streams, logs and idempotency keys; and when there are none left, keys as
    /// old that never led to a transfer.</summary>
    /// <param name="endedBefore">The time.</param>
    /// <param name="except">Transfers that are left alone whatever their rows say.</param>
    /// <param name="max">Most that go in this call, at least 1.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many transfers or keys went; 0 when nothing is left to do.</returns>
    Task<int> PruneAsync(DateTimeOffset endedBefore, IReadOnlyCollection<TransferId> except, int max, CancellationToken cancellationToken);

    /// <summary>What an idempotency key was claimed for; null when it was not.</summary>
    Task<ClaimedKey?> FindKeyAsync(string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Claims an idempotency key for a new transfer.</summary>
    /// <returns>Null when the claim is the first and now durable; else the id that was claimed with the same key and body.</returns>
    /// <exception cref="ClusterTransferException"><see cref="Reason.KeyReused"/>: the key was used with another body.</exception>
    Task<TransferId?> ClaimKeyAsync(string idempotencyKey, string bodyHash, TransferId id, CancellationToken cancellationToken);
}
