using System.Text.Json;
using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Tests.Support;
using static ClusterTransfer.Transfers.Tests.Support.Samples;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>The usual way of a transfer, step by step.</summary>
public sealed class CoordinatorLifeTests
{
    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Submit_ThenBothEndsComplete_EndsCompletedAndTellsBothNodes(int seed)
    {
        await using var bench = new CoordinatorBench(seed);
        bench.Members(Members());

        TransferResource accepted = Assert.IsType<CoordinationProtocol.Accepted>(bench.Submit()).Transfer;
        Assert.Equal(TransferState.Queued, accepted.State);

        (NodeId to, OpenSession open) = bench.NextSent<OpenSession>();
        Assert.Equal((B, SessionRole.Destination, Run(1), A), (to, open.Role, open.Target, open.Peer));
        Assert.Empty(open.PeerDataAddresses);
        Assert.Equal("tree", open.Request.ResultName);
        bench.AssertNothingSent();

        bench.Opened(SessionRole.Destination);
        (to, OpenSession source) = bench.NextSent<OpenSession>();
        Assert.Equal((A, SessionRole.Source, Run(1), B), (to, source.Role, source.Target, source.Peer));
        Assert.Equal(["b.example:7402"], source.PeerDataAddresses);
        Assert.Equal((open.SessionId, open.Epoch), (source.SessionId, source.Epoch));
        Assert.Equal(open.Secret, source.Secret);
        Assert.NotEqual(open.CommandId, source.CommandId);

        bench.Opened(SessionRole.Source);
        Assert.Equal("Active", bench.State);
        Assert.Equal(TransferState.Active, bench.Live.Find(Id)?.State);

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        Assert.Equal(TransferState.Finishing, bench.Live.Find(Id)?.State);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        TransferEvents.Ended ended = Assert.IsType<TransferEvents.Ended>(bench.Ended);
        Assert.Equal((TransferState.Completed, null), (ended.State, ended.Problem));
        Assert.Equal(CoordinatorBench.Done with { BytesSent = 1000 }, ended.Progress);
        OutcomeRecorded[] told = [.. bench.Sent().OfType<OutcomeRecorded>()];
        Assert.Equal([SessionRole.Source, SessionRole.Destination], told.Select(word => word.Role).Distinct().Order());
        Assert.All(told, word => Assert.True(word.TransferEnded));
        Assert.Equal(
            ["Submitted", "SessionGiven", "Started", "DestinationDone", "Ended"], bench.Events.Select(happened => happened.GetType().Name));
    }

    [Fact]
    public async Task SourceEndsFirst_ThenDestination_EndsWithoutWaiting()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        Assert.Null(bench.Ended);
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
    }

    [Fact]
    public async Task Submit_Request_KeepsThePoliciesThatHoldThen()
    {
        var then = new TransferPolicies { ChunkRetry = new() { Attempts = 3 } };
        var stored = new InMemoryJournal();
        var catalogue = new FakeCatalogue(stored);
        await using (var bench = new CoordinatorBench(1, new CoordinationOptions { Policies = then }, stored, catalogue))
        {
            bench.Submit();
        }

        var now = new CoordinationOptions { Policies = new() { ChunkRetry = new() { Attempts = 9 } } };
        await using var later = new CoordinatorBench(1, now, stored, catalogue);
        later.Members(Members());

        Assert.Equal(then, later.NextSent<OpenSession>().Message.Request.Policies);
        Assert.Equal(then, later.Live.Find(Id)?.Policies);
    }

    [Fact]
    public async Task Noted_WithData_IsKeptWithTheEventWithinItsBounds()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Dictionary<string, JsonElement> said = Enumerable.Range(0, 100).ToDictionary(i => $"n{i}", i => JsonElement.Parse($"{i}"));

        bench.FromNode(A, new SessionNoted(Id, bench.Session.Epoch, SessionRole.Source, "connection-lost", "It ended.") { Data = said });

        StoredTransferEvent stored = bench.Catalogue.Log.Single(item => item.Kind == "connection-lost");
        (TransferResource transfer, IReadOnlyDictionary<string, JsonElement>? data) = EventDetails.Read(stored.DataJson!);
        Assert.Equal((Id, EventData.MaxEntries), (transfer.Id, data!.Count));
    }

    [Fact]
    public async Task Ended_WhenCatalogued_CoordinatorRetiresAndTheRowIsTheEnd()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        bench.Time.Advance(2 * bench.Options.RepeatInterval);

        Assert.Null(bench.State);
        Assert.Null(bench.Live.Find(Id));
        TransferResource row = Assert.IsType<TransferResource>(bench.Catalogue.Row(Id));
        Assert.Equal((TransferState.Completed, 0), (row.State, row.ExitCode));
        Assert.Equal(bench.Catalogue.Kinds.Count, row.LastEvent);
        Assert.Equal(["accepted", "session-opened", "completed"], bench.Catalogue.Kinds);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Submit_Again_ReturnsTheTransferAsItIsInEveryState(int seed)
    {
        await using var bench = new CoordinatorBench(seed);
        bench.Submit();
        AssertAgain(TransferState.Queued);
        bench.Members(Members());
        AssertAgain(TransferState.Negotiating);
        bench.Opened(SessionRole.Destination);
        bench.Opened(SessionRole.Source);
        AssertAgain(TransferState.Active);
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        AssertAgain(TransferState.Finishing);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        AssertAgain(TransferState.Completed);
        bench.Time.Advance(2 * bench.Options.RepeatInterval);
        Assert.Null(bench.State);
        AssertAgain(TransferState.Completed);
        Assert.Single(bench.Events.OfType<TransferEvents.Submitted>());

        void AssertAgain(TransferState state) => Assert.Equal(state, Assert.IsType<CoordinationProtocol.Accepted>(bench.Submit()).Transfer.State);
    }

    [Fact]
    public async Task Queued_NodeNotConnected_WaitsWithAReasonAndGoesOnWhenItComes()
    {
        await using var bench = new CoordinatorBench(1);
        bench.Members([Member(A, Run(1), "src")]);
        bench.Submit();

        TransferResource waiting = Assert.IsType<TransferResource>(bench.Live.Find(Id));
        Assert.Equal((TransferState.Queued, Reason.NodeUnreachable), (waiting.State, waiting.Problem?.Reason));
        Assert.Contains("'dst'", waiting.Problem!.Detail, StringComparison.Ordinal);
        bench.Time.Advance(TimeSpan.FromMinutes(5));
        bench.AssertNothingSent();

        bench.Members(Members());

        bench.NextSent<OpenSession>();
        Assert.Null(bench.Live.Find(Id)?.Problem);
    }

    [Fact]
    public async Task Negotiating_NoAnswer_RepeatsTheSameCommandUntilAnswered()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1);
        bench.Members(Members());
        bench.Submit();
        OpenSession first = bench.NextSent<OpenSession>().Message;

        bench.Time.Advance(10 * bench.Options.RepeatInterval);
        OpenSession[] repeats = [.. bench.Sent().Cast<OpenSession>()];
        Assert.Equal(10, repeats.Length);
        Assert.All(repeats, repeat => Assert.Equal((first.CommandId, first.SessionId, first.Epoch), (repeat.CommandId, repeat.SessionId, repeat.Epoch)));

        bench.Opened(SessionRole.Destination);
        bench.Sent();
        bench.Time.Advance(5 * bench.Options.RepeatInterval);
        Assert.All(bench.Sent(), repeat => Assert.Equal(SessionRole.Source, Assert.IsType<OpenSession>(repeat).Role));
    }

    [Fact]
    public async Task Active_SilentEnd_IsAskedUntilHeard()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        for (int second = 0; second < 10; second++)
        {
            bench.Progressed(SessionRole.Source);
            bench.Time.Advance(TimeSpan.FromSeconds(1));
        }

        SessionMessage[] asked = [.. bench.Sent()];
        Assert.NotEmpty(asked);
        Assert.All(asked, ask => Assert.Equal(SessionRole.Destination, Assert.IsType<OpenSession>(ask).Role));

        bench.Opened(SessionRole.Destination);
        bench.Progressed(SessionRole.Source);
        bench.Time.Advance(bench.Options.SilenceLimit - TimeSpan.FromSeconds(1));
        bench.AssertNothingSent();
    }

    [Fact]
    public async Task Finishing_SourceNeverReports_EndsAfterTheTimeout()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();

        bench.Time.Advance(bench.Options.SourceReportTimeout - TimeSpan.FromSeconds(1));
        Assert.Null(bench.Ended);
        bench.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
        Assert.Equal(1000, bench.Ended?.Progress.BytesPublished);
    }

    [Fact]
    public async Task Finishing_DestinationRepeatsItsReport_IsToldOnlyAfterTheEnd()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();
        bench.Sent();

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        bench.AssertNothingSent();
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        bench.Sent();
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);

        Assert.True(Assert.IsType<OutcomeRecorded>(Assert.Single(bench.Sent())).TransferEnded);
    }
}
