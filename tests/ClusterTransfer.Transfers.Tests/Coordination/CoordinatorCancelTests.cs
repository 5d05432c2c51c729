using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Cancel is a request: whoever holds the data says what became of it.</summary>
public sealed class CoordinatorCancelTests
{
    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cancel_BeforeAnySession_EndsAtOnce(int seed)
    {
        await using var bench = new CoordinatorBench(seed);
        bench.Submit();

        Assert.Equal(DesiredState.Cancel, Assert.IsType<CoordinationProtocol.Accepted>(bench.Cancel()).Transfer.Desired);

        Assert.Equal((TransferState.Cancelled, Reason.Cancelled), (bench.Ended!.State, bench.Ended.Problem!.Reason));
        bench.AssertNothingSent();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cancel_WhileNegotiating_AsksTheDestinationUntilItAnswers(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Negotiating();

        bench.Cancel();

        (NodeId to, StopSession stop) = bench.NextSent<StopSession>();
        Assert.Equal((B, StopIntent.Cancel, Request.Destination), (to, stop.Intent, stop.Destination));
        bench.Time.Advance(3 * bench.Options.RepeatInterval);
        SessionMessage[] repeats = [.. bench.Sent()];
        Assert.Equal(3, repeats.Length);
        Assert.All(repeats, repeat => Assert.Equal(stop.CommandId, Assert.IsType<StopSession>(repeat).CommandId));
        bench.End(SessionRole.Destination, SessionEnd.Cancelled);
        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cancel_WhileActive_EndsWithWhatTheDestinationPublished(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.Cancel();

        bench.End(SessionRole.Destination, SessionEnd.Cancelled, new TransferProgress { FilesPublished = 7 });

        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
        Assert.Contains("7 files", bench.Ended!.Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal(2, bench.Sent().OfType<OutcomeRecorded>().Count(word => word.TransferEnded));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Cancel_WhileWaitingForTheNextSession_AsksTheDestinationAndGivesNone(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        Assert.Equal("Queued", bench.State);
        bench.Sent();

        bench.Cancel();
        Assert.Equal(bench.Session.Epoch, bench.NextSent<StopSession>().Message.Epoch);
        bench.Time.Advance(bench.Options.RetryMax);
        Assert.Single(bench.Events.OfType<TransferEvents.SessionGiven>());

        bench.Sent();
        bench.End(SessionRole.Destination, SessionEnd.Cancelled);
        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
        OutcomeRecorded[] told = [.. bench.Sent().OfType<OutcomeRecorded>()];
        Assert.Contains(told, word => word is { Role: SessionRole.Source, TransferEnded: true });
        Assert.Contains(told, word => word is { Role: SessionRole.Destination, TransferEnded: true });
    }

    [Theory]
    [Trait("row", "K5")]
    [MemberData(nameof(Seeds))]
    public async Task Cancel_TooLate_TheDestinationsCompletedDecides(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.Cancel();

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        Assert.Equal((TransferState.Completed, null), (bench.Ended?.State, bench.Ended?.Problem));
    }

    [Theory]
    [Trait("row", "K5")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancel_WhileFinishing_EndsCompletedWithOrWithoutTheSource(bool sourceReports)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();

        Assert.IsType<CoordinationProtocol.Accepted>(bench.Cancel());
        if (sourceReports)
        {
            bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        }
        else
        {
            for (int second = 0; second <= bench.Options.SourceReportTimeout.TotalSeconds; second++)
            {
                bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
                bench.Time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
    }

    [Fact]
    public async Task Cancel_Twice_IsJournaledOnce()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        bench.Cancel();
        Assert.IsType<CoordinationProtocol.Accepted>(bench.Cancel());

        Assert.Single(bench.Events.OfType<TransferEvents.CancelRequested>());
    }

    [Fact]
    public async Task Cancel_AfterTheEnd_IsRefused()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        Assert.Equal(Reason.WrongState, Assert.IsType<CoordinationProtocol.Refused>(bench.Cancel()).Problem.Reason);
        bench.Time.Advance(2 * bench.Options.RepeatInterval);
        Assert.Null(bench.State);
        Assert.Equal(Reason.WrongState, Assert.IsType<CoordinationProtocol.Refused>(bench.Cancel()).Problem.Reason);
    }

    [Fact]
    public async Task Cancel_OfATransferNobodyKnows_IsRefusedAndLeavesNoStream()
    {
        await using var bench = new CoordinatorBench(1);

        Assert.IsType<CoordinationProtocol.Refused>(bench.Cancel());

        Assert.Empty(bench.Events);
    }

    [Fact]
    public async Task Cancelling_DestinationAway_SaysSoAndGoesOnWhenItIsBack()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Members([Member(A, Run(1), "src")]);
        bench.Cancel();
        Assert.Equal(Reason.NodeUnreachable, bench.Live.Find(Id)?.Problem?.Reason);
        bench.Sent();

        bench.Members(Members(runOfB: 2));

        bench.NextSent<StopSession>();
        Assert.Null(bench.Live.Find(Id)?.Problem);
        bench.End(SessionRole.Destination, SessionEnd.Cancelled);
        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
    }

    [Theory]
    [InlineData(SessionEnd.Suspended)]
    [InlineData(SessionEnd.Failed)]
    public async Task Cancelling_DestinationSessionEndsOtherwise_IsToldAndAskedAgain(SessionEnd end)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Cancel();
        bench.Sent();

        bench.End(SessionRole.Destination, end);
        Assert.False(Assert.IsType<OutcomeRecorded>(Assert.Single(bench.Sent())).TransferEnded);
        bench.Time.Advance(bench.Options.RepeatInterval);
        bench.NextSent<StopSession>();
        bench.End(SessionRole.Destination, SessionEnd.Cancelled);

        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
    }

    [Fact]
    public async Task Cancelling_DestinationCanNeverConfirm_EndsFailedWithItsReason()
    {
        // Its location is read-only now, or its journal is of a newer version: asking for ever helps nobody.
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Cancel();

        for (int answer = 0; answer < 10 && bench.Ended is null; answer++)
        {
            bench.Time.Advance(bench.Options.RepeatInterval);
            bench.End(SessionRole.Destination, SessionEnd.Failed, reason: Reason.DestinationNotWritable);
        }

        Assert.Equal((TransferState.Failed, Reason.DestinationNotWritable), (bench.Ended?.State, bench.Ended?.Problem?.Reason));
    }

    [Fact]
    public async Task Cancelling_SourceEnds_IsToldAndTheDestinationStillDecides()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Cancel();
        bench.Sent();

        bench.End(SessionRole.Source, SessionEnd.Cancelled);

        Assert.IsType<OutcomeRecorded>(Assert.Single(bench.Sent()));
        Assert.Null(bench.Ended);
    }

    [Fact]
    public async Task Cancelled_ByADestinationNodeTheLocationMovedTo_IsAccepted()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Members([Member(A, Run(1), "src"), Member(C, Run(1), "dst")]);
        bench.Cancel();
        Assert.Equal(C, bench.NextSent<StopSession>().To);

        bench.End(SessionRole.Destination, SessionEnd.Cancelled, from: C);

        Assert.Equal(TransferState.Cancelled, bench.Ended?.State);
    }
}
