using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests;

/// <summary>What <c>ct ls</c> asks for.</summary>
public sealed class ListTests
{
    [Fact]
    public async Task Ls_WithEveryFlag_AsksForExactlyThat()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync(
            server.Address, "ls", "--state", "active,QUEUED,active", "--location", "src:", "--on", "beta", "--since", "2026-03-14T09:26:53Z", "--sort", "last-ended", "--limit", "7"));

        TransferListQuery asked = server.Transfers.Listed!;
        Assert.Equal([TransferState.Active, TransferState.Queued], asked.States);
        Assert.Equal(
            new TransferListQuery { Location = new LocationName("src"), Node = new NodeId("beta"), CreatedAfter = Samples.Start, Sort = TransferSort.LatestEndFirst, Limit = 7 },
            asked with { States = new TransferListQuery().States });
    }

    [Fact]
    public async Task Ls_Alone_AsksForTheNewest20()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync(server.Address, "ls"));
        Assert.Empty(server.Transfers.Listed!.States);
        Assert.Equal(new TransferListQuery { Limit = 20 }, server.Transfers.Listed with { States = new TransferListQuery().States });
    }

    [Theory]
    [InlineData("90s", "2026-03-14T09:25:23Z")]
    [InlineData("7d", "2026-03-07T09:26:53Z")]
    [InlineData("2026-03-01", "2026-03-01T00:00:00Z")]
    [InlineData("2026-03-01T12:30", "2026-03-01T12:30:00Z")]
    [InlineData("2026-03-01T12:30:00+02:00", "2026-03-01T10:30:00Z")]
    [InlineData("2026-03-01T12:30:00.5Z", "2026-03-01T12:30:00.5Z")]
    public async Task Since_IsATimeOrHowLongAgo(string since, string expected)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { Time = new VirtualTime(Samples.Start) };

        Assert.Equal(0, await run.RunAsync(server.Address, "ls", "--since", since));
        Assert.Equal(DateTimeOffset.Parse(expected), server.Transfers.Listed!.CreatedAfter);
    }

    [Fact]
    public async Task Ls_ByTheEnvironment_IsTheSame()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { Variables = { ["CT_LS_STATE"] = "failed,partial", ["CT_LS_SORT"] = "oldest", ["CT_WAIT_FOR"] = "paused" } };

        Assert.Equal(0, await run.RunAsync(server.Address, "ls"));
        Assert.Equal([TransferState.Failed, TransferState.Partial], server.Transfers.Listed!.States);
        Assert.Equal(TransferSort.OldestFirst, server.Transfers.Listed.Sort);
    }
}
