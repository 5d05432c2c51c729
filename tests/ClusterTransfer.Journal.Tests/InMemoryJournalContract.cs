using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.Journal.Tests;

/// <summary>The journal of simulations has to behave as the durable ones do.</summary>
public sealed class InMemoryJournalContract : JournalContract
{
    private readonly InMemoryJournal _journal = new();

    private protected override Task<IEventJournal> JournalAsync() => Task.FromResult<IEventJournal>(_journal);

    private protected override Task<ISnapshotStore> SnapshotsAsync() => Task.FromResult<ISnapshotStore>(_journal);
}
