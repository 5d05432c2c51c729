using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;

namespace ClusterTransfer.Transfers.Tests.Coordination;

public sealed class TransferViewTests
{
    private readonly VirtualTime _time = new();
    private readonly TransferView _view;
    private readonly TransferRecord _record = new();

    public TransferViewTests()
    {
        _view = new TransferView(_time);
        _record.Apply(Submitted());
    }

    private static TransferEvents.SessionBroken Broken(uint session) => new(new Epoch(1, session), new Problem(Reason.SessionLost, "lost"), 100, 2, Noon);

    private static TransferEvents.DestinationDone Done => new(new Epoch(1, 1), new TransferProgress { FilesPublished = 2 }, [], Noon);

    // The hub restarted, or the source died before its last report.
    [Fact]
    public void Sent_WhenTheSourcesCountIsLost_IsNoLessThanWhatArrived()
    {
        _record.Apply(Given(1));
        _view.Note(SessionRole.Source, new TransferProgress { BytesSent = 10 });
        _view.Note(SessionRole.Destination, new TransferProgress { BytesReceived = 1_000 });
        Assert.Equal(1_000, Build().Progress.BytesSent);
        _view.Note(SessionRole.Source, new TransferProgress { BytesSent = 1_010 });
        Assert.Equal(1_010, Build().Progress.BytesSent);
    }

    [Fact]
    public void State_EveryShapeOfTheRecord_IsDerived()
    {
        Assert.Equal(TransferState.Queued, Build().State);
        _record.Apply(Given(1));
        Assert.Equal(TransferState.Negotiating, Build().State);
        _record.Apply(Broken(1));
        Assert.Equal(TransferState.Negotiating, Build().State);
        _record.Apply(Given(2));
        Assert.Equal(TransferState.Negotiating, Build().State);
        _record.Apply(new TransferEvents.Started(Noon));
        Assert.Equal(TransferState.Active, Build().State);
        _record.Apply(Broken(2));
        Assert.Equal(TransferState.Negotiating, Build().State);
        _record.Apply(Given(3));
        Assert.Equal(TransferState.Active, Build().State);
        _record.Apply(new TransferEvents.CancelRequested(Noon));
        Assert.Equal((TransferState.Active, DesiredState.Cancel), (Build().State, Build().Desired));
        _record.Apply(Done);
        Assert.Equal(TransferState.Finishing, Build().State);
        _record.Apply(new TransferEvents.Ended(TransferState.Partial, new Problem(Reason.PartlyDelivered, "some"), new TransferProgress(), [], Noon));
        Assert.Equal(TransferState.Partial, Build().State);
    }

    [Theory]
    [InlineData(TransferState.Completed, Reason.None, 0)]
    [InlineData(TransferState.Partial, Reason.PartlyDelivered, 4)]
    [InlineData(TransferState.Cancelled, Reason.Cancelled, 11)]
    [InlineData(TransferState.Failed, Reason.NoSpace, 12)]
    [InlineData(TransferState.Failed, Reason.PathNotFound, 3)]
    [InlineData(TransferState.Failed, Reason.PartlyDelivered, 4)]
    public void ExitCode_OfAnEnd_IsThatOfItsReason(TransferState state, Reason reason, int exitCode)
    {
        Assert.Null(Build().ExitCode);
        End(state, reason == Reason.None ? null : new Problem(reason, "why"));

        Assert.Equal(exitCode, Build().ExitCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ExitCode_FailedWithoutAReason_IsNeverZero(bool withEmptyReason)
    {
        End(TransferState.Failed, withEmptyReason ? new Problem(Reason.None, string.Empty) : null);

        Assert.Equal(1, Build().ExitCode);
    }

    [Fact]
    public void Resource_OfTheRecord_ShowsRequestSessionAndTimes()
    {
        _record.Apply(Given(1));
        _record.Apply(new TransferEvents.Started(Noon.AddSeconds(5)));
        TransferResource resource = Build();

        Assert.Equal(("src:tree", "dst:in", "tree"), (resource.Source, resource.Destination, resource.ResultName));
        Assert.Equal((A, B), (resource.SourceNode, resource.DestinationNode));
        Assert.Equal(("1.1", 1), (resource.Epoch, resource.Sessions));
        Assert.Equal((Noon, Noon.AddSeconds(5), null), (resource.CreatedAt, resource.StartedAt, resource.EndedAt));
        Assert.Same(resource, _view.Resource);
    }

    [Fact]
    public void Eta_WithARateAndAFinishedScan_IsWhatIsLeftByTheRate()
    {
        _record.Apply(Given(1));
        _view.Note(SessionRole.Source, new TransferProgress { BytesFound = 10_000, ScanComplete = true, Connections = 4 });
        Flow(0, 1_000, 2_000);

        Assert.Equal(8.0, Build().EtaSeconds);
    }

    [Fact]
    public void Eta_WhileTheScanGoesOn_CannotBeSaid()
    {
        _record.Apply(Given(1));
        _view.Note(SessionRole.Source, new TransferProgress { BytesFound = 10_000, ScanComplete = false });
        Flow(0, 1_000, 2_000);

        Assert.Null(Build().EtaSeconds);
    }

    [Fact]
    public void Eta_WhenNothingMovesAnyMore_CannotBeSaid()
    {
        _record.Apply(Given(1));
        _view.Note(SessionRole.Source, new TransferProgress { BytesFound = 10_000, ScanComplete = true, Connections = 4 });
        Flow(0, 1_000, 2_000);

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal((0, null), (Build().CurrentRate, Build().EtaSeconds));
    }

    [Fact]
    public void Eta_OfAnEndedTransfer_IsNone()
    {
        _view.Note(SessionRole.Source, new TransferProgress { BytesFound = 10_000, ScanComplete = true, Connections = 4 });
        Flow(0, 1_000, 2_000);
        End(TransferState.Cancelled, new Problem(Reason.Cancelled, "cancelled"));

        Assert.Equal((0, null), (Build().CurrentRate, Build().EtaSeconds));
        Assert.Equal(1_000, Build().PeakRate);
    }

    [Fact]
    public void AverageRate_OfAnEndedTransfer_IsWhatWasPublishedOverItsTime()
    {
        _record.Apply(new TransferEvents.Started(Noon));
        _record.Apply(new TransferEvents.Ended(TransferState.Completed, null, new TransferProgress { BytesPublished = 5_000 }, [], Noon.AddSeconds(10)));

        Assert.Equal(500, Build().AverageRate);
    }

    [Fact]
    public void Progress_OfBothEnds_IsJoined()
    {
        _view.Note(SessionRole.Source, new TransferProgress
        {
            EntriesFound = 9, FilesFound = 8, BytesFound = 7_000, BytesSent = 600, ChunksRetried = 1, Connections = 4, CurrentPath = "tree/x", FilesSkipped = 1, FilesParked = 2, BytesDurable = 99,
        });
        _view.Note(SessionRole.Destination, new TransferProgress { BytesReceived = 500, BytesDurable = 400, BytesPublished = 300, FilesPublished = 3, FilesSkipped = 10, FilesParked = 20 });

        Assert.Equal(
            new TransferProgress
            {
                EntriesFound = 9, FilesFound = 8, BytesFound = 7_000, BytesSent = 600, ChunksRetried = 1, Connections = 4, CurrentPath = "tree/x",
                BytesReceived = 500, BytesDurable = 400, BytesPublished = 300, FilesPublished = 3, FilesSkipped = 11, FilesParked = 22,
            },
            Build().Progress);
    }

    [Fact]
    public void Progress_AfterASessionBroke_CountsWhatItSentOnce()
    {
        _record.Apply(Given(1));
        _view.Note(SessionRole.Source, new TransferProgress { BytesSent = 100, ChunksRetried = 2, Connections = 4, CurrentPath = "tree/x" });
        _record.Apply(Broken(1));
        _view.ForgetSession();

        Assert.Equal((100, 2, 0, null), (Build().Progress.BytesSent, Build().Progress.ChunksRetried, Build().Progress.Connections, Build().Progress.CurrentPath));
        _view.Note(SessionRole.Source, new TransferProgress { BytesSent = 30, ChunksRetried = 1 });
        Assert.Equal((130, 3), (Build().Progress.BytesSent, Build().Progress.ChunksRetried));
    }

    [Fact]
    public void Progress_OnceTheDestinationIsDone_IsWhatWasJournaled()
    {
        _record.Apply(Given(1));
        _record.Apply(Done);

        Assert.Equal(2, Build().Progress.FilesPublished);
    }

    [Fact]
    public void NoteSourceEnded_ThenASessionBroke_IsForgotten()
    {
        _view.NoteSourceEnded(new TransferProgress { FilesFound = 5 }, [Issue("tree/a", Reason.SourceChanged)]);
        Assert.True(_view.SourceEnded);

        _view.ForgetSession();

        Assert.False(_view.SourceEnded);
        Assert.Equal(5, _view.Source.FilesFound);
    }

    [Fact]
    public void Problem_WhileRunning_IsWhatIsWaitedForOrWhyTheLastSessionBroke()
    {
        _record.Apply(Given(1));
        Assert.Null(Build().Problem);
        _record.Apply(Broken(1));
        Assert.Equal(Reason.SessionLost, Build().Problem?.Reason);
        _view.Waiting = new Problem(Reason.NodeUnreachable, "away");
        Assert.Equal(Reason.NodeUnreachable, Build().Problem?.Reason);
        _view.Waiting = null;
        _record.Apply(Given(2));
        Assert.Null(Build().Problem);
    }

    [Fact]
    public void NextRetry_IsShownOnlyWhileItIsWaitedFor()
    {
        _record.Apply(Given(1));
        _view.NextRetryAt = _time.GetUtcNow() + TimeSpan.FromSeconds(5);
        Assert.Null(Build().NextRetrySeconds);
        _record.Apply(Broken(1));
        Assert.Equal(5, Build().NextRetrySeconds);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Null(Build().NextRetrySeconds);
    }

    [Fact]
    public void Issues_AreThoseOfTheEndElseOfTheDestination()
    {
        FileIssue atDestination = Issue("tree/a", Reason.DestinationExists);
        FileIssue atEnd = Issue("tree/b", Reason.SourceChanged);
        Assert.Empty(Build().Issues);
        _record.Apply(Done with { Issues = [atDestination] });
        Assert.Equal([atDestination], Build().Issues);
        _record.Apply(new TransferEvents.Ended(TransferState.Partial, null, new TransferProgress(), [atEnd], Noon));
        Assert.Equal([atEnd], Build().Issues);
    }

    private TransferResource Build() => _view.Build(Id, _record);

    private void End(TransferState state, Problem? problem) => _record.Apply(new TransferEvents.Ended(state, problem, new TransferProgress(), [], Noon));

    private void Flow(params long[] durable)
    {
        for (int i = 0; i < durable.Length; i++)
        {
            if (i > 0)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            _view.Note(SessionRole.Destination, new TransferProgress { BytesDurable = durable[i] });
        }
    }
}
