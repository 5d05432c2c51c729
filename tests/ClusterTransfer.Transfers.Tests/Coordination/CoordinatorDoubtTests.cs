using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>What a destination that slept is told when it asks whether its session is still the one that counts.</summary>
[Trait("row", "P5")]
public sealed class CoordinatorDoubtTests
{
    private static readonly Member Successor = Member(C, Run(1), "dst");

    [Fact]
    public async Task Doubt_OfTheSessionInForce_IsAnswered()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Sent();

        Doubt(bench, B, bench.Session.Epoch, gap: 3);

        (NodeId to, SessionConfirmed confirmed) = bench.NextSent<SessionConfirmed>();
        Assert.Equal((B, 3, bench.Session.Epoch, Run(1)), (to, confirmed.Gap, confirmed.Epoch, confirmed.Incarnation));
    }

    [Fact]
    public async Task Doubt_OfWhoeverIsNotOfTheSession_IsNotAnswered()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Sent();

        Doubt(bench, C, bench.Session.Epoch);
        Doubt(bench, A, bench.Session.Epoch);
        Doubt(bench, B, new Epoch(1, 2));

        bench.AssertNothingSent();
    }

    // Given up, and the next is not given yet: it may go to another node.
    [Fact]
    public async Task Doubt_BetweenTwoSessions_IsNotAnsweredBeforeTheNextIsGiven()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Epoch slept = bench.Session.Epoch;
        bench.End(SessionRole.Source, SessionEnd.Suspended);
        bench.Sent();

        Doubt(bench, B, slept);
        bench.AssertNothingSent();

        bench.Members([Members()[0], Successor]);
        bench.Time.Advance(bench.Options.RetryMax);
        bench.Sent();
        Doubt(bench, B, slept);
        (NodeId to, OutcomeRecorded over) = bench.NextSent<OutcomeRecorded>();
        Assert.Equal((B, slept, false), (to, over.Epoch, over.TransferEnded));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Doubt_OfATransferThatHasEnded_IsToldSo(bool retired)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Epoch slept = bench.Session.Epoch;
        bench.End(SessionRole.Source, SessionEnd.Failed, reason: Reason.PathNotFound);
        if (retired)
        {
            bench.Time.Advance(TimeSpan.FromMinutes(1));
            Assert.Null(bench.State);
        }

        bench.Sent();
        Doubt(bench, B, slept);

        OutcomeRecorded told = bench.NextSent<OutcomeRecorded>().Message;
        Assert.Equal((SessionRole.Destination, true, slept), (told.Role, told.TransferEnded, told.Epoch));
    }

    // Whoever serves the destination confirms the end, with a session or without. Of a live session the cancel comes first.
    [Fact]
    public async Task Doubt_OfWhoeverIsToCancel_IsAnswered()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Members([Members()[0], Successor]);
        bench.Cancel();
        bench.Sent();

        Doubt(bench, B, bench.Session.Epoch);
        bench.AssertNothingSent();
        Doubt(bench, C, bench.Session.Epoch);
        (NodeId to, SessionMessage first) = bench.NextSent();
        Assert.Equal((C, StopIntent.Cancel), (to, Assert.IsType<StopSession>(first).Intent));
        Assert.Equal(C, bench.NextSent<SessionConfirmed>().To);
    }

    private static void Doubt(CoordinatorBench bench, NodeId node, Epoch epoch, int gap = 1) =>
        bench.FromNode(node, new SessionDoubted(Id, epoch, SessionRole.Destination, gap) { Incarnation = Run(1) });
}
