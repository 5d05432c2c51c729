using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.Actors.Tests.Persistence;

public sealed class InMemoryJournalSpec
{
    private readonly InMemoryJournal _journal = new();

    [Fact]
    public async Task Append_WithTheWrongExpectation_StoresNothing()
    {
        await _journal.AppendAsync("a", 0, ["x", "y"], CancellationToken.None);
        var conflict = await Assert.ThrowsAsync<SequenceConflictException>(() => _journal.AppendAsync("a", 1, ["z"], CancellationToken.None));
        Assert.Equal((1, 2), (conflict.ExpectedSequenceNr, conflict.ActualSequenceNr));
        Assert.Equal(["x", "y"], _journal.EventsOf("a"));
    }

    [Fact]
    public async Task Replay_OfARange_GivesItAndTheHighest()
    {
        await _journal.AppendAsync("a", 0, ["x", "y", "z"], CancellationToken.None);
        var seen = new List<PersistedEvent>();
        Assert.Equal(3, await _journal.ReplayAsync("a", 2, 2, seen.Add, CancellationToken.None));
        Assert.Equal([new PersistedEvent(2, "y")], seen);
        Assert.Equal(0, await _journal.ReplayAsync("none", 1, long.MaxValue, seen.Add, CancellationToken.None));
    }

    [Fact]
    public async Task Load_GivesTheNewestThatFits()
    {
        foreach (int number in new[] { 1, 5, 3 })
        {
            await _journal.SaveAsync(new SnapshotMetadata("a", number, DateTime.UnixEpoch.AddDays(number)), number, CancellationToken.None);
        }
        Assert.Equal(5, (await _journal.LoadAsync("a", SnapshotSelectionCriteria.Latest, CancellationToken.None))?.Snapshot);
        Assert.Equal(3, (await _journal.LoadAsync("a", new SnapshotSelectionCriteria(4, DateTime.MaxValue), CancellationToken.None))?.Snapshot);
        Assert.Null(await _journal.LoadAsync("a", SnapshotSelectionCriteria.None, CancellationToken.None));
    }
}
