using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

public sealed class TransferRecordTests
{
    private readonly TransferRecord _record = new();

    [Fact]
    public void Apply_EveryEventOfALife_AddsUp()
    {
        var done = new TransferEvents.DestinationDone(new Epoch(1, 2), new TransferProgress { FilesPublished = 2 }, [], Noon);
        var ended = new TransferEvents.Ended(TransferState.Completed, null, new TransferProgress(), [], Noon);

        Apply(
            Submitted(),
            Given(1),
            new TransferEvents.Started(Noon),
            new TransferEvents.SessionBroken(new Epoch(1, 1), new Problem(Reason.SessionLost, "lost"), 100, 3, Noon),
            Given(2),
            new TransferEvents.Started(Noon.AddHours(1)),
            new TransferEvents.CancelRequested(Noon),
            done,
            ended);

        Assert.Equal(Submitted(), _record.Submitted);
        Assert.Equal(new Epoch(1, 2), _record.Session?.Epoch);
        Assert.Equal((new Epoch(1, 2), 2), (_record.Epoch, _record.Sessions));
        Assert.Equal(Noon, _record.StartedAt);
        Assert.True(_record.CancelRequested);
        Assert.Same(done, _record.DestinationDone);
        Assert.Same(ended, _record.Ended);
        Assert.Equal((100, 3), (_record.EarlierBytesSent, _record.EarlierChunksRetried));
    }

    [Fact]
    public void SessionBroken_NoSessionIsInForce_ButTheLastAndItsEpochAreKnown()
    {
        Apply(Submitted(), Given(1), new TransferEvents.SessionBroken(new Epoch(1, 1), new Problem(Reason.SessionLost, "lost"), 0, 0, Noon));

        Assert.Null(_record.Session);
        Assert.Equal(new Epoch(1, 1), _record.LastSession?.Epoch);
        Assert.Equal(new Epoch(1, 1), _record.Epoch);
        Assert.Equal(Reason.SessionLost, _record.LastProblem?.Reason);
    }

    [Fact]
    public void SessionBroken_Twice_AddsUpWhatWasSent()
    {
        var broken = new TransferEvents.SessionBroken(new Epoch(1, 1), new Problem(Reason.SessionLost, "lost"), 100, 3, Noon);

        Apply(Submitted(), Given(1), broken, Given(2), broken with { Epoch = new Epoch(1, 2), BytesSent = 11, ChunksRetried = 1 });

        Assert.Equal((111, 4), (_record.EarlierBytesSent, _record.EarlierChunksRetried));
    }

    [Fact]
    public void Apply_WhatIsNoEvent_IsRefused() => Assert.Throws<InvalidOperationException>(() => _record.Apply("submitted"));

    private void Apply(params object[] events)
    {
        foreach (object happened in events)
        {
            _record.Apply(happened);
        }
    }
}
