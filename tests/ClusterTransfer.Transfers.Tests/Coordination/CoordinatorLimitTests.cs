using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Row NW-11 of the transfer: its limit is journaled, reaches the source, and holds in every later session.</summary>
public sealed class CoordinatorLimitTests
{
    private const long Rate = 20_000_000;

    [Fact]
    public async Task Limit_AtSubmit_GoesWithTheCommandToTheSource()
    {
        await using var bench = new CoordinatorBench(1);
        bench.Members(Members());
        bench.Submit(Request with { Limit = Rate });

        bench.Opened(SessionRole.Destination);

        Assert.Equal(Rate, bench.NextSent<OpenSession>(open => open.Role == SessionRole.Source).Message.Limit);
        Assert.Equal(Rate, bench.Live.Find(Id)!.Limit);
    }

    [Fact]
    public async Task Limit_WhileActive_IsJournaledToldAtOnceAndRepeatedUntilTheSourceHasIt()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Sent();

        Assert.Equal(Rate, Assert.IsType<CoordinationProtocol.Accepted>(bench.Limit(Rate)).Transfer.Limit);

        Assert.Equal(Rate, bench.Events.OfType<TransferEvents.LimitChanged>().Single().Limit);
        (NodeId to, LimitSession told) = bench.NextSent<LimitSession>();
        Assert.Equal((A, bench.Session.Epoch, Rate), (to, told.Epoch, told.Limit));
        Report(bench, null);   // it was lost
        Assert.Equal(Rate, bench.NextSent<LimitSession>().Message.Limit);
        Report(bench, Rate);
        Assert.Empty(bench.Sent().OfType<LimitSession>());
        Assert.Contains("limit-changed", bench.Catalogue.Kinds);
    }

    [Fact]
    public async Task Limit_TakenAwayAgain_IsToldAsWell()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Limit(Rate);
        Report(bench, Rate);
        bench.Sent();

        Assert.Null(Assert.IsType<CoordinationProtocol.Accepted>(bench.Limit(null)).Transfer.Limit);

        Assert.Null(bench.NextSent<LimitSession>().Message.Limit);
        Report(bench, Rate);   // of before
        Assert.Null(bench.NextSent<LimitSession>().Message.Limit);
    }

    [Fact]
    public async Task Limit_ThatHoldsAlready_ChangesNothing()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Limit(Rate);
        int before = bench.Events.Count;
        bench.Sent();

        Assert.IsType<CoordinationProtocol.Accepted>(bench.Limit(Rate));

        Assert.Equal(before, bench.Events.Count);
        bench.AssertNothingSent();
    }

    [Fact]
    public async Task Limit_AfterARestartOfTheHub_HoldsInTheNextSession()
    {
        await using CoordinatorBench before = new CoordinatorBench(1).Active();
        before.Limit(Rate);
        await before.Kit.DisposeAsync();
        await using var bench = new CoordinatorBench(2, stored: before.Stored, catalogue: before.Catalogue);
        bench.Members(Members());

        bench.Opened(SessionRole.Destination);

        Assert.Equal(Rate, bench.NextSent<OpenSession>(open => open.Role == SessionRole.Source).Message.Limit);
        Assert.Equal(Rate, bench.Live.Find(Id)!.Limit);
    }

    [Fact]
    public async Task Limit_OfATransferThatHasEnded_IsRefused()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1);
        bench.Submit();
        bench.Cancel();

        Assert.Equal(Reason.WrongState, Assert.IsType<CoordinationProtocol.Refused>(bench.Limit(Rate)).Problem.Reason);
    }

    [Fact]
    public async Task Limit_WhereTheSourceDoesNotSayThatItKnowsLimits_IsSaidToBeIgnored()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Assert.DoesNotContain("limit-ignored", bench.Catalogue.Kinds);

        bench.Limit(Rate);

        Assert.Equal(A, bench.Live.Find(Id)!.LimitIgnoredBy);
        Assert.Single(bench.Catalogue.Kinds, "limit-ignored");
        bench.Limit(2 * Rate);
        Assert.Single(bench.Catalogue.Kinds, "limit-ignored");   // once for a session
        bench.Limit(null);
        Assert.Null(bench.Live.Find(Id)!.LimitIgnoredBy);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Limit_AtSubmit_IsSaidToBeIgnoredOnlyByASourceThatDoesNotSayThatItKnowsLimits(bool knows)
    {
        await using var bench = new CoordinatorBench(1);
        bench.Members([.. Members().Select(member => member with { Abilities = knows ? MemberAbilities.All : [] })]);
        bench.Submit(Request with { Limit = Rate });

        bench.Opened(SessionRole.Destination);
        bench.Opened(SessionRole.Source);

        Assert.Equal(knows ? null : A, bench.Live.Find(Id)!.LimitIgnoredBy);
        Assert.Equal(knows ? 0 : 1, bench.Catalogue.Kinds.Count(kind => kind == "limit-ignored"));
    }

    [Fact]
    public async Task Source_SaysThatTheLimitHoldsItBack_IsShownWhileItMoves()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        bench.Limit(Rate);

        Report(bench, Rate, new HeldBack(LimitScope.Transfer, Rate));
        Assert.Equal(new HeldBack(LimitScope.Transfer, Rate), bench.Live.Find(Id)!.HeldBackBy);

        Report(bench, Rate);
        Assert.Null(bench.Live.Find(Id)!.HeldBackBy);
    }

    private static void Report(CoordinatorBench bench, long? limit, HeldBack? held = null) => bench.FromNode(A, new SessionProgressed(
        Id, bench.Session.Epoch, SessionRole.Source, new TransferProgress { Connections = 1 }) { Limit = limit, HeldBackBy = held });
}
