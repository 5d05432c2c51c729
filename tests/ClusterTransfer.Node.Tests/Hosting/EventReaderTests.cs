using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Coordination;
using TransferEvents = ClusterTransfer.Model.Api.TransferEvents;

namespace ClusterTransfer.Node.Tests.Hosting;

public sealed class EventReaderTests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly LiveTransfers _live = new();
    private SqliteJournal _journal = null!; // opened before each test
    private EventReader _reader = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _journal = await SqliteJournal.OpenAsync(_folder["hub.db"], new JournalTypes(), TimeProvider.System, Cancellation);
        _reader = new EventReader(_live, _journal, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Progress_IsToldOnce()
    {
        Show(1);

        TransferEvents first = await ReadAsync(new EventPosition(0, 0));
        TransferEvents second = await ReadAsync(new EventPosition(0, first.View));

        Assert.Equal(1, Assert.Single(first.Items).Transfer.Progress.BytesSent);
        Assert.Equal(0, first.Items[0].Sequence);
        Assert.Empty(second.Items);
        Assert.Equal(first.View, second.View);
    }

    // The caller is away while it writes to its client, or asks over the bus.
    [Fact]
    public async Task Progress_BetweenTwoQuestions_IsToldToTheSecond()
    {
        Show(1);
        TransferEvents first = await ReadAsync(new EventPosition(0, 0));

        Show(2);
        TransferEvents second = await ReadAsync(new EventPosition(0, first.View));

        Assert.Equal(2, Assert.Single(second.Items).Transfer.Progress.BytesSent);
        Assert.NotEqual(first.View, second.View);
    }

    [Fact]
    public async Task StoredEvent_ComesBeforeProgressAndDoesNotHideIt()
    {
        Show(1);
        TransferEvents first = await ReadAsync(new EventPosition(0, 0));
        Show(2);
        string details = System.Text.Json.JsonSerializer.Serialize(Samples.Active(Samples.Id), ApiJson.Default.TransferResource);
        await _journal.UpsertAsync(Samples.Active(Samples.Id), Cancellation);
        long sequence = await _journal.AppendEventAsync(Samples.Id, Samples.Start, "connection-opened", "Connection 1 is open.", details, Cancellation);

        TransferEvents second = await ReadAsync(new EventPosition(0, first.View));
        TransferEvents third = await ReadAsync(new EventPosition(sequence, second.View));

        Assert.Equal("connection-opened", Assert.Single(second.Items).Kind);
        Assert.Equal(2, Assert.Single(third.Items).Transfer.Progress.BytesSent);
    }

    [Fact]
    public async Task ViewOfAnEarlierHub_IsNotTakenForThisOne()
    {
        Show(1);
        long? earlier = (await ReadAsync(new EventPosition(0, 0))).View;
        var restarted = new LiveTransfers();
        restarted.Publish(Samples.Active(Samples.Id), []);

        TransferEvents events = await new EventReader(restarted, _journal, TimeProvider.System)
            .ReadAsync(Samples.Id, new EventPosition(0, earlier), TimeSpan.Zero, Cancellation);

        Assert.Single(events.Items);
    }

    // An answer at once to each question would be a loop without a pause.
    [Fact]
    public async Task Node_ThatDoesNotSayWhatItHasSeen_IsToldWhatComes()
    {
        Show(1);

        Assert.Empty((await ReadAsync(new EventPosition(0))).Items);
    }

    private void Show(long bytesSent)
    {
        TransferResource transfer = Samples.Active(Samples.Id);
        _live.Publish(transfer with { Progress = transfer.Progress with { BytesSent = bytesSent } }, []);
    }

    // Without patience: what is there is told at once.
    private Task<TransferEvents> ReadAsync(EventPosition after) => _reader.ReadAsync(Samples.Id, after, TimeSpan.Zero, Cancellation);
}
