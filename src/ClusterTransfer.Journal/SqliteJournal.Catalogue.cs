using System.Text.Json;
using ClusterTransfer.Journal.Sqlite;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Journal;

/// <content>The catalogue: transfers, their logs and idempotency keys.</content>
public sealed partial class SqliteJournal
{
    private const int MaxEventPage = 1000;
    private const int MaxKeyLength = 255;

    private long _damagedRows;

    /// <summary>Rows of transfers that a list left out because they cannot be read; each is rewritten when its transfer next changes.</summary>
    public long DamagedRows => Interlocked.Read(ref _damagedRows);

    /// <inheritdoc/>
    public Task UpsertAsync(TransferResource transfer, CancellationToken cancellationToken)
    {
        string json = JsonSerializer.Serialize(transfer, ApiJson.Default.TransferResource);
        return _writes.RunAsync(connection => TransferTable.Upsert(connection, transfer, json), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<TransferResource?> GetAsync(TransferId id, CancellationToken cancellationToken) =>
        _reads.RunAsync(connection => TransferTable.Get(connection, id), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TransferId>> FindByPrefixAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        int bounded = Math.Clamp(limit, 1, TransferListQuery.MaxLimit);
        return prefix.Length is > 0 and <= TransferId.Length && prefix.All(char.IsAsciiLetterOrDigit)
            ? _reads.RunAsync(connection => TransferTable.FindByPrefix(connection, prefix, bounded), cancellationToken)
            : Task.FromResult<IReadOnlyList<TransferId>>([]);
    }

    /// <inheritdoc/>
    public async Task<TransferPage> ListAsync(TransferListQuery query, IReadOnlyList<LiveTransfer> live, CancellationToken cancellationToken)
    {
        var list = new TransferList(query);
        var sql = new TransferListSql(list, live.Select(one => one.Transfer.Id));
        List<ListedRow> rows = await _reads.RunAsync(connection => TransferTable.List(connection, sql), cancellationToken).ConfigureAwait(false);
        (TransferPage page, int damaged) = list.Join(rows, live);
        Interlocked.Add(ref _damagedRows, damaged);
        return page;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<TransferId>> ListOpenAsync(CancellationToken cancellationToken) =>
        _reads.RunAsync(TransferTable.ListOpen, cancellationToken);

    /// <inheritdoc/>
    public Task<long> AppendEventAsync(
        TransferId id, DateTimeOffset at, string kind, string text, string? dataJson, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(kind);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            (long)text.Length + (dataJson?.Length ?? 0), JournalTypes.MaxPayloadChars, nameof(text));
        return _writes.RunAsync(
            connection => TransferEventTable.Append(connection, id.Value, StoredTime.From(at), kind, text, dataJson), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredTransferEvent>> ReadEventsAsync(
        TransferId id, long after, int max, CancellationToken cancellationToken) =>
        await _reads.RunAsync(
            connection => TransferEventTable.Read(connection, id.Value, after, Math.Clamp(max, 1, MaxEventPage)), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<int> PruneAsync(DateTimeOffset endedBefore, IReadOnlyCollection<TransferId> except, int max, CancellationToken cancellationToken)
    {
        string before = StoredTime.From(endedBefore);
        TransferId[] kept = [.. except];
        return _writes.RunAsync(connection => PruneWork.Run(connection, before, kept, Math.Max(1, max)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ClaimedKey?> FindKeyAsync(string idempotencyKey, CancellationToken cancellationToken) =>
        _reads.RunAsync(connection => KeyTable.Find(connection, idempotencyKey), cancellationToken);

    /// <inheritdoc/>
    public async Task<TransferId?> ClaimKeyAsync(string idempotencyKey, string bodyHash, TransferId id, CancellationToken cancellationToken)
    {
        if (idempotencyKey.Length is 0 or > MaxKeyLength)
        {
            throw new ClusterTransferException(Reason.InvalidRequest, $"idempotency key: want 1 to {MaxKeyLength} characters, got {idempotencyKey.Length}.");
        }

        string at = StoredTime.From(_time.GetUtcNow());
        return await _writes.RunAsync(
            connection => KeyTable.Claim(connection, idempotencyKey, bodyHash, id, at), cancellationToken).ConfigureAwait(false);
    }
}
