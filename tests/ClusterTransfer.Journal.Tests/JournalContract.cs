using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Journal.Tests;

/// <summary>What every journal and snapshot store must do, whatever keeps the bytes.</summary>
public abstract class JournalContract
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Task<IEventJournal> JournalAsync();

    private protected abstract Task<ISnapshotStore> SnapshotsAsync();

    [Fact]
    public async Task Replay_OfAnUnknownStream_IsEmpty()
    {
        IEventJournal journal = await JournalAsync();
        List<PersistedEvent> seen = [];

        long highest = await journal.ReplayAsync("nobody", 1, long.MaxValue, seen.Add, Cancellation);

        Assert.Equal(0, highest);
        Assert.Empty(seen);
    }

    [Fact]
    public async Task Replay_AfterAppends_GivesEventsInOrderWithTheirNumbers()
    {
        IEventJournal journal = await JournalAsync();
        await journal.AppendAsync("s", 0, [new Counted(1), new Named("two")], Cancellation);
        await journal.AppendAsync("s", 2, [new Counted(3)], Cancellation);
        List<PersistedEvent> seen = [];

        long highest = await journal.ReplayAsync("s", 1, long.MaxValue, seen.Add, Cancellation);

        Assert.Equal(3, highest);
        Assert.Equal([new(1, new Counted(1)), new(2, new Named("two")), new(3, new Counted(3))], seen);
    }

    [Theory]
    [InlineData(2, 3, new[] { 2, 3 })]
    [InlineData(4, 99, new[] { 4, 5 })]
    [InlineData(6, 99, new int[0])]
    [InlineData(3, 2, new int[0])]
    public async Task Replay_OfARange_GivesThatRangeAndTheStreamsEnd(long from, long to, int[] expected)
    {
        IEventJournal journal = await JournalAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 5), Cancellation);
        List<int> seen = [];

        long highest = await journal.ReplayAsync("s", from, to, stored => seen.Add(((Counted)stored.Payload).Value), Cancellation);

        Assert.Equal(5, highest);
        Assert.Equal(expected, seen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Append_WithAnotherSequenceThanStored_ConflictsAndStoresNothing(long expected)
    {
        IEventJournal journal = await JournalAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 2), Cancellation);

        await Assert.ThrowsAsync<SequenceConflictException>(() => journal.AppendAsync("s", expected, Samples.Events(9, 2), Cancellation));

        List<PersistedEvent> seen = [];
        await journal.ReplayAsync("s", 1, long.MaxValue, seen.Add, Cancellation);
        Assert.Equal([new(1, new Counted(1)), new(2, new Counted(2))], seen);
    }

    [Fact]
    public async Task Append_OfTwoWritersAtOnce_LetsExactlyOneWrite()   // K1
    {
        IEventJournal journal = await JournalAsync();
        for (int round = 0; round < 20; round++)
        {
            string stream = $"s{round}";
            Task[] writers = [.. Enumerable.Range(0, 4).Select(i => journal.AppendAsync(stream, 0, [new Counted(i)], Cancellation))];
            await Task.WhenAll(writers.Select(writer => writer.ContinueWith(_ => { }, TaskScheduler.Default))).WithinDeadline();

            _ = Assert.Single(writers, writer => writer.IsCompletedSuccessfully);
            Assert.All(writers.Where(writer => writer.IsFaulted), writer => Assert.IsType<SequenceConflictException>(writer.Exception!.InnerException));
        }
    }

    [Fact]
    public async Task Append_ToManyStreamsAtOnce_KeepsThemApart()
    {
        IEventJournal journal = await JournalAsync();
        const int Streams = 40;
        await Task.WhenAll(Enumerable.Range(0, Streams).Select(async stream =>
        {
            for (int i = 0; i < 5; i++)
            {
                await journal.AppendAsync($"s{stream}", i, [new Counted((stream * 100) + i)], Cancellation);
            }
        })).WithinDeadline();

        for (int stream = 0; stream < Streams; stream++)
        {
            List<int> seen = [];
            await journal.ReplayAsync($"s{stream}", 1, long.MaxValue, stored => seen.Add(((Counted)stored.Payload).Value), Cancellation);
            Assert.Equal(Enumerable.Range(stream * 100, 5), seen);
        }
    }

    [Theory]
    [InlineData(3, new[] { 4, 5 })]
    [InlineData(0, new[] { 1, 2, 3, 4, 5 })]
    [InlineData(99, new int[0])]
    public async Task Delete_RemovesTheStartOfAStream_AndKeepsItsEnd(long to, int[] left)
    {
        IEventJournal journal = await JournalAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 5), Cancellation);
        await journal.AppendAsync("other", 0, Samples.Events(1, 2), Cancellation);

        await journal.DeleteAsync("s", to, Cancellation);

        List<PersistedEvent> seen = [];
        Assert.Equal(5, await journal.ReplayAsync("s", 1, long.MaxValue, seen.Add, Cancellation));
        Assert.Equal(left.Select(number => new PersistedEvent(number, new Counted(number))), seen);
        Assert.Equal(2, await journal.ReplayAsync("other", 1, long.MaxValue, _ => { }, Cancellation));
    }

    [Fact]
    public async Task Append_AfterADelete_GoesOnWithTheNextNumber()
    {
        IEventJournal journal = await JournalAsync();
        await journal.AppendAsync("s", 0, Samples.Events(1, 3), Cancellation);
        await journal.DeleteAsync("s", 3, Cancellation);
        await journal.DeleteAsync("s", 1, Cancellation);   // a late, smaller delete takes nothing back

        await Assert.ThrowsAsync<SequenceConflictException>(() => journal.AppendAsync("s", 0, Samples.Events(1, 1), Cancellation));
        await journal.AppendAsync("s", 3, Samples.Events(4, 2), Cancellation);

        List<PersistedEvent> seen = [];
        await journal.ReplayAsync("s", 1, long.MaxValue, seen.Add, Cancellation);
        Assert.Equal([new(4, new Counted(4)), new(5, new Counted(5))], seen);
    }

    [Fact]
    public async Task Delete_OfAnUnknownStream_DoesNothing()
    {
        IEventJournal journal = await JournalAsync();
        await journal.DeleteAsync("nobody", 7, Cancellation);
        Assert.Equal(0, await journal.ReplayAsync("nobody", 1, long.MaxValue, _ => { }, Cancellation));
        await journal.AppendAsync("nobody", 0, Samples.Events(1, 1), Cancellation);
    }

    [Fact]
    public async Task Snapshot_Latest_IsTheNewestOfTheStream()
    {
        ISnapshotStore store = await SnapshotsAsync();
        await SaveAsync(store, "s", 3);
        await SaveAsync(store, "s", 7);
        await SaveAsync(store, "other", 9);

        SelectedSnapshot? found = await store.LoadAsync("s", SnapshotSelectionCriteria.Latest, Cancellation);

        Assert.Equal(7, found!.Metadata.SequenceNr);
        Assert.Equal("s", found.Metadata.PersistenceId);
        Assert.Equal(Samples.Noon.UtcDateTime, found.Metadata.Timestamp);
        Assert.Equal(new Counted(7), found.Snapshot);
    }

    [Fact]
    public async Task Snapshot_UpToASequence_IsTheNewestThatFits()
    {
        ISnapshotStore store = await SnapshotsAsync();
        await SaveAsync(store, "s", 3);
        await SaveAsync(store, "s", 7);

        SelectedSnapshot? found = await store.LoadAsync("s", new SnapshotSelectionCriteria(6, DateTime.MaxValue), Cancellation);

        Assert.Equal(new Counted(3), found!.Snapshot);
    }

    [Fact]
    public async Task Snapshot_Deleted_IsGoneAndOthersStay()
    {
        ISnapshotStore store = await SnapshotsAsync();
        await SaveAsync(store, "s", 3);
        await SaveAsync(store, "s", 7);

        await store.DeleteAsync("s", new SnapshotSelectionCriteria(3, DateTime.MaxValue), Cancellation);

        Assert.Null(await store.LoadAsync("s", new SnapshotSelectionCriteria(3, DateTime.MaxValue), Cancellation));
        Assert.NotNull(await store.LoadAsync("s", SnapshotSelectionCriteria.Latest, Cancellation));
    }

    private static Task SaveAsync(ISnapshotStore store, string stream, int sequence) =>
        store.SaveAsync(new SnapshotMetadata(stream, sequence, Samples.Noon.UtcDateTime), new Counted(sequence), Cancellation);
}
