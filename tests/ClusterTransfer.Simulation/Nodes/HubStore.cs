using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Simulation.World;

namespace ClusterTransfer.Simulation.Nodes;

/// <summary>What the hub keeps on its disk: the transfer journal and the list of transfers. Outlives its processes.</summary>
internal sealed class HubStore(TransferId id, SimWorld world) : ITransferCatalogue
{
    private TransferResource? _row;
    private long _lines;

    public InMemoryJournal Events { get; } = new();

    /// <summary>The transfer's row, as the API lists it.</summary>
    public TransferResource? Row => _row;

    /// <summary>When the list showed the end first; null before.</summary>
    public TimeSpan? EndedAt { get; private set; }

    /// <summary>Every state that was ever listed, in order, without repeats.</summary>
    public List<TransferState> States { get; } = [];

    /// <summary>Lines of the transfer's log.</summary>
    public List<string> Lines { get; } = [];

    public Task UpsertAsync(TransferResource transfer, CancellationToken cancellationToken)
    {
        EndedAt = transfer.ExitCode is null ? null : EndedAt ?? world.Time.Elapsed;
        _row = transfer;
        if (States.Count == 0 || States[^1] != transfer.State)
        {
            States.Add(transfer.State);
        }

        return Task.CompletedTask;
    }

    public Task<TransferResource?> GetAsync(TransferId id, CancellationToken cancellationToken) => Task.FromResult(_row);

    public Task<IReadOnlyList<TransferId>> ListOpenAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<TransferId>>(
            Events.EventsOf(ITransferCatalogue.StreamPrefix + id).Count > 0 && _row is not { ExitCode: not null } ? [id] : []);

    public Task<long> AppendEventAsync(
        TransferId id, DateTimeOffset at, string kind, string text, string? dataJson, CancellationToken cancellationToken)
    {
        Lines.Add($"{kind}: {text}");
        return Task.FromResult(++_lines);
    }

    public Task<IReadOnlyList<TransferId>> FindByPrefixAsync(string prefix, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TransferPage> ListAsync(TransferListQuery query, IReadOnlyList<LiveTransfer> live, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<StoredTransferEvent>> ReadEventsAsync(TransferId id, long after, int max, CancellationToken cancellationToken) => throw new NotSupportedException();

    // Nothing gets that old in a simulation.
    public Task<int> PruneAsync(DateTimeOffset endedBefore, IReadOnlyCollection<TransferId> except, int max, CancellationToken cancellationToken) => Task.FromResult(0);

    public Task<TransferId?> ClaimKeyAsync(string idempotencyKey, string bodyHash, TransferId id, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ClaimedKey?> FindKeyAsync(string idempotencyKey, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>The journal as one process of the hub has it open.</summary>
    public IEventJournal JournalOf(SimProcess process, Func<JournalMoment, bool> fault) => new ProcessJournal(this, process, fault);

    private sealed class ProcessJournal(HubStore store, SimProcess process, Func<JournalMoment, bool> fault) : IEventJournal
    {
        public Task DeleteAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
            store.Events.DeleteAsync(persistenceId, toSequenceNr, cancellationToken);

        public Task<long> ReplayAsync(
            string persistenceId, long fromSequenceNr, long toSequenceNr, Action<PersistedEvent> onEvent, CancellationToken cancellationToken) =>
            store.Events.ReplayAsync(persistenceId, fromSequenceNr, toSequenceNr, onEvent, cancellationToken);

        public Task AppendAsync(string persistenceId, long expectedSequenceNr, IReadOnlyList<object> events, CancellationToken cancellationToken)
        {
            var stored = new TaskCompletionSource();
            SimWorld world = process.World;
            world.Later(world.Between(0.05, 3), () =>
            {
                if (process.IsDead || fault(JournalMoment.Before))
                {
                    return;
                }

                // A frozen process may have handed the write to the kernel before: then it happens. Else it waits with the process.
                process.Run(() =>
                {
                    Task append = store.Events.AppendAsync(persistenceId, expectedSequenceNr, events, CancellationToken.None);
                    string kinds = string.Join(", ", events.Select(happened => happened.GetType().Name));
                    world.Story.Tell(process.Node.Value, append.IsFaulted ? $"journal refuses {kinds}" : $"journaled {kinds}");
                    if (fault(JournalMoment.After))
                    {
                        return;
                    }

                    world.Later(world.Between(0.05, 1), () => process.Run(() =>
                    {
                        if (append.Exception is { } error)
                        {
                            stored.SetException(error.InnerExceptions);
                        }
                        else
                        {
                            stored.SetResult();
                        }
                    }));
                });
            });
            return stored.Task;
        }
    }
}

/// <summary>When a write of the transfer journal is looked at.</summary>
internal enum JournalMoment
{
    /// <summary>It is not on the disk yet.</summary>
    Before,

    /// <summary>It is, and nobody has been told.</summary>
    After,
}
