using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>A destination that is silent, and another node in its place.</summary>
[Trait("row", "P5")]
public sealed class CoordinatorSuccessionTests
{
    private static readonly Member Successor = Member(C, Run(1), "dst");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Destination_SilentAndReplaced_LosesTheTransferToWhoeverServesItsLocation(bool negotiating)
    {
        await using CoordinatorBench bench = negotiating ? new CoordinatorBench(1).Negotiating() : new CoordinatorBench(1).Active();
        bench.Members([Members()[0], Successor]);
        bench.Time.Advance(bench.Options.SilenceLimit);
        Assert.Equal(1u, bench.Session.Epoch.Session);

        bench.Time.Advance(2 * bench.Options.RepeatInterval);

        (NodeId to, OpenSession open) = bench.NextSent<OpenSession>(next => next.Epoch.Session == 2);
        Assert.Equal((C, SessionRole.Destination), (to, open.Role));
        Assert.Equal(Reason.SessionLost, Assert.Single(bench.Events.OfType<TransferEvents.SessionBroken>()).Problem.Reason);
        bench.FromNode(C, new SessionOpened(Id, open.Epoch, SessionRole.Destination, Run(1)));
        Assert.Equal(A, bench.NextSent<OpenSession>(next => next.Role == SessionRole.Source && next.Epoch.Session == 2).To);
    }

    // It may be alive behind a broken link, and finish.
    [Fact]
    public async Task Destination_SilentOnly_KeepsTheTransfer()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Members([Members()[0]]);
        bench.Time.Advance(TimeSpan.FromMinutes(10));
        bench.Members(Members());
        bench.Time.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(1u, bench.Session.Epoch.Session);
        Assert.Equal("Active", bench.State);
    }

    // The hub has missed its link, but what it said last has only just come.
    [Fact]
    public async Task Destination_ReplacedAndJustHeard_IsLeftOnlyAfterItsSilence()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        bench.Progressed(SessionRole.Destination);

        bench.Members([Members()[0], Successor]);
        bench.Time.Advance(bench.Options.SilenceLimit - bench.Options.RepeatInterval);
        Assert.Equal(1u, bench.Session.Epoch.Session);

        bench.Time.Advance(3 * bench.Options.RepeatInterval);
        Assert.Equal((2u, C), (bench.Session.Epoch.Session, bench.Session.Destination));
    }

    // Its list is the transfer's manifest; another node would make another.
    [Fact]
    public async Task Source_SilentAndReplaced_IsWaitedFor()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        bench.Members([Member(C, Run(1), "src"), Members()[1]]);
        for (int i = 0; i < 60; i++)
        {
            bench.Progressed(SessionRole.Destination);
            bench.Time.Advance(bench.Options.RepeatInterval);
        }

        Assert.Equal(1u, bench.Session.Epoch.Session);
    }

    // What the one before holds is not at the other, and says nothing of what that one brings.
    [Fact]
    public async Task Counts_OfTheDestination_AreNotShownOfAnother()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Progressed(SessionRole.Destination, durable: 500);

        Move(bench);

        Assert.Equal((C, 0L), (bench.Session.Destination, Durable(bench)));
        bench.FromNode(C, new SessionProgressed(Id, bench.Session.Epoch, SessionRole.Destination, new TransferProgress { BytesDurable = 300 }));
        Assert.Equal(300, Durable(bench));
    }

    // Its disk is the same: what was said to be durable is.
    [Fact]
    public async Task Counts_OfADestinationThatWasRestarted_Stay()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Progressed(SessionRole.Destination, durable: 500);

        bench.Members(Members(runOfB: 2));
        bench.Time.Advance(bench.Options.RetryMax);

        Assert.Equal((2u, Run(2), 500L), (bench.Session.Epoch.Session, bench.Session.DestinationIncarnation, Durable(bench)));
    }

    [Fact]
    public async Task Session_AtAnotherDestination_IsJudgedByWhatThatOneBrings()
    {
        // Arrange: a session that brought something, and with the one that is left for the other node as many that brought nothing as may be.
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Progressed(SessionRole.Destination, durable: 500);
        for (int session = 0; session < 19; session++)
        {
            bench.End(SessionRole.Destination, SessionEnd.Suspended, new TransferProgress { BytesDurable = 500 });
            bench.Time.Advance(bench.Options.RetryMax);
        }

        Assert.Null(bench.Ended);

        // Act: the first at the other node would be one too many; it brings less than the old node had.
        Move(bench);
        Assert.Equal(C, bench.Session.Destination);
        bench.End(SessionRole.Destination, SessionEnd.Suspended, new TransferProgress { BytesDurable = 300 }, from: C);
        bench.Time.Advance(bench.Options.RetryMax);

        // Assert
        Assert.Null(bench.Ended);
        Assert.Equal(22, bench.Events.OfType<TransferEvents.SessionGiven>().Count());
    }

    private static void Move(CoordinatorBench bench)
    {
        bench.Members([Members()[0], Successor]);
        bench.Time.Advance(bench.Options.SilenceLimit + (2 * bench.Options.RepeatInterval));
    }

    private static long Durable(CoordinatorBench bench) => Assert.IsType<TransferResource>(bench.Live.Find(Id)).Progress.BytesDurable;
}
