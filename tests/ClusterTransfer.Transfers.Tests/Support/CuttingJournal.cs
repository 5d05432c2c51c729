using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.Transfers.Tests.Support;

/// <summary>A journal that is cut off at a chosen write, as by kill -9 of its process: that write is durable or lost, its answer never comes.</summary>
internal sealed class CuttingJournal(InMemoryJournal inner) : IEventJournal
{
    private int _appends;

    /// <summary>The write to cut at, from 1; null never.</summary>
    public int? CutAt { get; set; }

    /// <summary>Whether the write it is cut at reaches the disk.</summary>
    public bool CutIsDurable { get; set; }

    /// <summary>Called at the cut: everything else of the process ends too.</summary>
    public Action? OnCut { get; set; }

    /// <summary>Fails the next writes with this.</summary>
    public Func<Exception>? Fault { get; set; }

    /// <summary>Fails the next reads with this.</summary>
    public Func<string, Exception?>? ReadFault { get; set; }

    /// <summary>Reads wait for this.</summary>
    public Func<string, Task>? ReadGate { get; set; }

    /// <summary>Writes wait for this.</summary>
    public Func<string, Task>? WriteGate { get; set; }

    public bool IsCut { get; private set; }

    /// <summary>A new process opens the journal.</summary>
    public void Reopen(int? cutAt = null)
    {
        IsCut = false;
        CutAt = cutAt;
        _appends = 0;
    }

    public Task DeleteAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        inner.DeleteAsync(persistenceId, toSequenceNr, cancellationToken);

    public async Task<long> ReplayAsync(
        string persistenceId, long fromSequenceNr, long toSequenceNr, Action<PersistedEvent> onEvent, CancellationToken cancellationToken)
    {
        if (ReadFault?.Invoke(persistenceId) is { } fault)
        {
            throw fault;
        }

        if (ReadGate is { } gate)
        {
            await gate(persistenceId).ConfigureAwait(false);
        }

        return await inner.ReplayAsync(persistenceId, fromSequenceNr, toSequenceNr, onEvent, cancellationToken).ConfigureAwait(false);
    }

    public Task AppendAsync(string persistenceId, long expectedSequenceNr, IReadOnlyList<object> events, CancellationToken cancellationToken)
    {
        if (Fault is { } fault)
        {
            return Task.FromException(fault());
        }

        if (IsCut)
        {
            return new TaskCompletionSource().Task;
        }

        if (++_appends != CutAt)
        {
            return WriteGate is { } gate
                ? AppendBehindAsync(gate(persistenceId), persistenceId, expectedSequenceNr, events, cancellationToken)
                : inner.AppendAsync(persistenceId, expectedSequenceNr, events, cancellationToken);
        }

        IsCut = true;
        OnCut?.Invoke();
        if (CutIsDurable)
        {
            _ = inner.AppendAsync(persistenceId, expectedSequenceNr, events, cancellationToken);
        }

        return new TaskCompletionSource().Task;
    }

    private async Task AppendBehindAsync(Task gate, string persistenceId, long expectedSequenceNr, IReadOnlyList<object> events, CancellationToken cancellationToken)
    {
        await gate.ConfigureAwait(false);
        await inner.AppendAsync(persistenceId, expectedSequenceNr, events, cancellationToken).ConfigureAwait(false);
    }
}
