using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>What is shown of a transfer that was taken up again: what was delivered counts once, all the while, and rates are those of the round.</summary>
public sealed class RoundProgressTests
{
    // Ten files of 100 bytes: seven delivered, one skipped, two parked, of one of which half is staged.
    private static readonly TransferProgress Before = new()
    {
        EntriesFound = 11, FilesFound = 10, BytesFound = 1_000, ScanComplete = true, ChunksFound = 10, BytesSent = 800, ChunksRetried = 3, Connections = 4, CurrentPath = "tree/i",
        BytesReceived = 750, BytesDurable = 750, BytesVerified = 700, BytesPublished = 700, FilesPublished = 7, FilesSkipped = 1, FilesParked = 2, ChunksDurable = 7,
    };

    private static readonly FileIssue[] Issues =
    [
        Issue("tree/h", Reason.DestinationExists, FileState.Skipped), Issue("tree/i", Reason.SourceChanged, FileState.Parked), Issue("tree/j", Reason.ChunkCorrupt, FileState.Parked),
    ];

    private readonly VirtualTime _time = new();
    private readonly TransferView _view;
    private readonly TransferRecord _record = new();

    public RoundProgressTests()
    {
        _view = new TransferView(_time);
        _record.Apply(Submitted());
        _record.Apply(Given(1));
        _record.Apply(new TransferEvents.Started(Noon));
        _record.Apply(new TransferEvents.DestinationDone(new Epoch(1, 1), Before, Issues, Noon));
        _record.Apply(new TransferEvents.Ended(TransferState.Partial, null, Before, Issues, Noon.AddSeconds(10)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Round_BeforeAnyReport_IsAsFarAsItWas_WithNothingSkippedOrParked(bool rescan)
    {
        Retry(rescan);

        TransferProgress now = Build().Progress;

        Assert.Equal((10, 1_000, 7, 700, 0, 0), (now.FilesFound, now.BytesFound, now.FilesPublished, now.BytesPublished, now.FilesSkipped, now.FilesParked));
        Assert.Equal((800, 3, false, 0, null), (now.BytesSent, now.ChunksRetried, now.ScanComplete, now.Connections, now.CurrentPath));
        Assert.Equal(rescan ? 700 : 750, now.BytesDurable);   // what was staged for the old list is fetched again
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RoundForSomeFiles_CountsWhatKeepsItsOutcomeOnce_WhoeverSpeaksFirst(bool sourceFirst)
    {
        // The scan could not read what is skipped, so the source counts that, and the destination what is parked.
        Retry(rescan: false, "tree/i");
        Assert.Equal((1, 1), Undelivered());

        SessionRole[] order = sourceFirst ? [SessionRole.Source, SessionRole.Destination] : [SessionRole.Destination, SessionRole.Source];
        foreach (SessionRole role in order)
        {
            _view.Note(role, role == SessionRole.Source ? new TransferProgress { FilesFound = 10, FilesSkipped = 1 } : new TransferProgress { FilesPublished = 7, FilesParked = 1 });
            Assert.Equal((1, 1), Undelivered());
        }
    }

    [Fact]
    public void RoundWithANewList_WhileThatGrows_ShowsNothingTwiceAndNothingLess()
    {
        Retry(rescan: true, "tree/i");
        for (int listed = 0; listed <= 8; listed++)
        {
            // One of the ten is gone at the source; the destination meets one file after the other, and all but the last are in place already.
            _view.Note(SessionRole.Source, new TransferProgress { FilesFound = listed, BytesFound = 100 * listed, Connections = 4 });
            _view.Note(SessionRole.Destination, Met(Math.Min(7, listed)), arrived: 0);

            TransferProgress now = Build().Progress;
            Assert.Equal((10, 1_000, 7, 700, 700), (now.FilesFound, now.BytesFound, now.FilesPublished, now.BytesPublished, now.BytesDurable));
        }

        _view.Note(SessionRole.Source, new TransferProgress { FilesFound = 9, BytesFound = 900, ScanComplete = true, Connections = 4 });
        Assert.Equal((9, 7, 900, 700), Shown());
        _view.Note(SessionRole.Destination, Met(8), arrived: 100);
        Assert.Equal((9, 8, 900, 800), Shown());
    }

    [Fact]
    public void RoundWithANewList_ThatIsShorter_ShowsNoMoreThanIsListed()
    {
        Retry(rescan: true);

        _view.Note(SessionRole.Source, new TransferProgress { FilesFound = 3, BytesFound = 300, ScanComplete = true });
        _view.Note(SessionRole.Destination, Met(1), arrived: 0);

        Assert.Equal((3, 3, 300, 300), Shown());
    }

    [Fact]
    public void RoundWithANewList_ThatFails_EndsWithWhatIsThere()
    {
        Retry(rescan: true);
        _view.Note(SessionRole.Destination, new TransferProgress(), arrived: 0);

        _record.Apply(new TransferEvents.Ended(TransferState.Failed, new Problem(Reason.NodeUnreachable, "away"), _view.CombinedProgress(_record), [], Noon.AddHours(1)));

        Assert.Equal((10, 7, 1_000, 700), Shown());
    }

    [Fact]
    public void RoundWithANewList_OnceTheDestinationIsDone_IsWhatThatCounted()
    {
        Retry(rescan: true);
        _record.Apply(new TransferEvents.DestinationDone(new Epoch(1, 3), Met(2) with { FilesFound = 3, BytesFound = 300, FilesParked = 1 }, [], Noon));

        Assert.Equal((3, 2, 300, 200), Shown());
        Assert.Equal((0, 1), Undelivered());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rates_OfARound_AreItsOwn(bool rescan)
    {
        Flow(0, 400, 800);
        Assert.Equal(400, Build().PeakRate);

        Retry(rescan);
        Assert.Equal((0, 0, 0), (Build().CurrentRate, Build().PeakRate, Build().AverageRate));
        _time.Advance(TimeSpan.FromDays(1));
        _view.Note(SessionRole.Source, new TransferProgress { Connections = 4 });
        Flow(800, 810, 820);

        Assert.Equal((10, 10, 10), (Build().CurrentRate, Build().PeakRate, Build().AverageRate));
    }

    [Fact]
    public void Rates_OfARoundWithANewList_DoNotCountWhatWasInPlace()
    {
        Retry(rescan: true);
        long arrived = 0;
        foreach (long durable in (long[])[0, 1_000_000, 2_000_000])
        {
            _view.Note(SessionRole.Destination, new TransferProgress { BytesDurable = durable }, arrived);
            _time.Advance(TimeSpan.FromSeconds(1));
            arrived += 50;
        }

        Assert.Equal(50, Build().PeakRate);

        _view.Note(SessionRole.Destination, new TransferProgress { BytesDurable = 2_000_000 }, arrived: 20);   // a newer session counts anew
        Assert.InRange(Build().PeakRate, 40, 50);
    }

    [Fact]
    public void AverageRate_OfARetriedTransferThatEnded_IsOfItsLastRound()
    {
        Retry(rescan: false);
        _record.Apply(Given(3));
        _record.Apply(new TransferEvents.Started(Noon.AddDays(2)));
        _record.Apply(new TransferEvents.Started(Noon.AddDays(3)));   // again, after a session that broke
        _record.Apply(new TransferEvents.Ended(TransferState.Completed, null, Before with { BytesPublished = 1_000 }, [], Noon.AddDays(2).AddSeconds(10)));

        Assert.Equal(30, Build().AverageRate);
        Assert.Equal(Noon, Build().StartedAt);
    }

    // So many of its files were met in place or are new there.
    private static TransferProgress Met(int files) => new()
    {
        FilesFound = files, BytesFound = 100 * files, FilesPublished = files, BytesPublished = 100 * files, BytesDurable = 100 * files, BytesReceived = 100 * files, BytesVerified = 100 * files,
    };

    private void Retry(bool rescan, params string[] files)
    {
        _record.Apply(new TransferEvents.RetryRequested(rescan, Noon.AddDays(1), files.Length == 0 ? null : files));
        _view.BeginRound(_record);
    }

    private TransferResource Build() => _view.Build(Id, _record);

    private (long FilesFound, long FilesPublished, long BytesFound, long BytesPublished) Shown()
    {
        TransferProgress now = Build().Progress;
        return (now.FilesFound, now.FilesPublished, now.BytesFound, now.BytesPublished);
    }

    private (long Skipped, long Parked) Undelivered() => (Build().Progress.FilesSkipped, Build().Progress.FilesParked);

    private void Flow(params long[] durable)
    {
        for (int i = 0; i < durable.Length; i++)
        {
            _view.Note(SessionRole.Destination, new TransferProgress { BytesDurable = durable[i] }, arrived: durable[i]);
            if (i < durable.Length - 1)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }
}
