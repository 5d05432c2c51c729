using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Transfers.Tests.Support;

/// <summary>A catalogue in memory over the streams of an in-memory journal; fails or hangs when told. Tasks complete at once, so a simulated run stays on one thread.</summary>
internal sealed class FakeCatalogue(InMemoryJournal journal) : ITransferCatalogue
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TransferId, TransferResource> _rows = [];
    private readonly List<(TransferId Id, StoredTransferEvent Event)> _log = [];

    /// <summary>Every transfer ever submitted in this test.</summary>
    public HashSet<TransferId> Known { get; } = [];

    /// <summary>Calls that fail before the next succeeds.</summary>
    public int FailuresLeft { get; set; }

    /// <summary>A hub that was killed writes nothing any more.</summary>
    public bool IsCut { get; set; }

    /// <summary>The next call throws instead of returning a task: a bug.</summary>
    public bool ThrowsNext { get; set; }

    public int Upserts { get; private set; }

    public int Lookups { get; private set; }

    public int Listings { get; private set; }

    public IReadOnlyList<string> Kinds => [.. _log.Select(line => line.Event.Kind)];

    public IReadOnlyList<StoredTransferEvent> Log => [.. _log.Select(line => line.Event)];

    public TransferResource? Row(TransferId id) => _rows.GetValueOrDefault(id);

    public Task UpsertAsync(TransferResource transfer, CancellationToken cancellationToken) => Do(() =>
    {
        Upserts++;
        _rows[transfer.Id] = transfer;
        return true;
    });

    public Task<TransferResource?> GetAsync(TransferId id, CancellationToken cancellationToken) => Do(() =>
    {
        Lookups++;
        return Row(id);
    });

    public Task<IReadOnlyList<TransferId>> ListOpenAsync(CancellationToken cancellationToken) => Do<IReadOnlyList<TransferId>>(() =>
    {
        Listings++;
        return [.. Known.Order(Comparer<TransferId>.Create((x, y) => string.CompareOrdinal(x.Value, y.Value))).Where(id =>
            journal.EventsOf(ITransferCatalogue.StreamPrefix + id).Count > 0 && Row(id) is not { ExitCode: not null })];
    });

    public Task<long> AppendEventAsync(
        TransferId id, DateTimeOffset at, string kind, string text, string? dataJson, CancellationToken cancellationToken) => Do(() =>
        {
            long sequence = _log.Count(line => line.Id == id) + 1;
            _log.Add((id, new StoredTransferEvent(sequence, at, kind, text, dataJson)));
            return sequence;
        });

    public Task<IReadOnlyList<TransferId>> FindByPrefixAsync(string prefix, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TransferPage> ListAsync(TransferListQuery query, IReadOnlyList<LiveTransfer> live, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredTransferEvent>> ReadEventsAsync(TransferId id, long after, int max, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>What was asked for by prunings, in order.</summary>
    public List<(DateTimeOffset Before, IReadOnlyCollection<TransferId> Except)> Prunings { get; } = [];

    public Task<int> PruneAsync(DateTimeOffset endedBefore, IReadOnlyCollection<TransferId> except, int max, CancellationToken cancellationToken) => Do(() =>
    {
        Prunings.Add((endedBefore, except));
        TransferId[] gone = [.. _rows.Values.Where(row => row.ExitCode is not null && row.EndedAt < endedBefore && !except.Contains(row.Id)).OrderBy(row => row.EndedAt).Take(max).Select(row => row.Id)];
        Array.ForEach(gone, id => _rows.Remove(id));
        return gone.Length;
    });

    public Task<ClaimedKey?> FindKeyAsync(string idempotencyKey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TransferId?> ClaimKeyAsync(string idempotencyKey, string bodyHash, TransferId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    private Task<T> Do<T>(Func<T> work)
    {
        lock (_lock)
        {
            if (IsCut)
            {
                return new TaskCompletionSource<T>().Task;
            }

            if (ThrowsNext)
            {
                ThrowsNext = false;
                throw new InvalidOperationException("A bug.");
            }

            if (FailuresLeft > 0)
            {
                FailuresLeft--;
                return Task.FromException<T>(new IOException("The database is busy."));
            }

            return Task.FromResult(work());
        }
    }
}
