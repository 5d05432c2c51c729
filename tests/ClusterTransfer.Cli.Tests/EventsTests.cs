using System.Text.Json;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Cli.Tests.Printed;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests;

/// <summary><c>ct events</c>, and what becomes of a story that goes on behind an end.</summary>
public sealed class EventsTests
{
    [Theory]
    [InlineData("events k3m9", "1 2 3")]
    [InlineData("events k3m9 --after 2", "3")]
    [InlineData("events k3m9 --after 3", "")]
    [InlineData("events k3m9 --after 99", "")]
    public async Task Events_OfARunningTransfer_AreThoseThatAreKept(string line, string expected)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Active(Samples.Id));
        for (int i = 0; i < 3; i++)
        {
            server.Transfers.Publish(Samples.Id, "chunk-retried", "Again.");
        }

        Assert.Equal(0, await run.RunAsync(server.Address, [.. line.Split(' '), "-o", "jsonl"]));
        Assert.Equal(expected, string.Join(' ', Sequences(run)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_OfATransferTakenUpAgain_GoOnBehindTheFirstEnd(bool follow)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "failed", "It failed.", t => Samples.Parked(t));
        server.Transfers.Publish(Samples.Id, "retried", "Taken up again.", t => Samples.Active(t.Id) with { Retries = 1, LastEvent = t.LastEvent });
        server.Transfers.Publish(Samples.Id, "completed", "Done.", t => Samples.Completed(t));

        Assert.Equal(0, await run.RunAsync(server.Address, follow ? ["events", "k3m9", "-f", "-o", "jsonl"] : ["events", "k3m9", "-o", "jsonl"]));
        Assert.Equal([1, 2, 3], Sequences(run));
    }

    [Fact]
    public async Task Events_ThatAreNotKept_AreNotWaitedFor()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Completed(Samples.Active(Samples.Id)) with { LastEvent = 50 });

        Assert.Equal(0, await run.RunAsync(server.Address, "events", "k3m9", "-o", "json"));
        Assert.Equal("{\n  \"schemaVersion\": 1,\n  \"items\": []\n}\n", run.Out);
    }

    [Fact]
    public async Task Follow_GoesOnToTheEnd()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "chunk-retried", "Again.");
        int watched = 0;
        server.Transfers.Watched = (id, _) =>
        {
            if (++watched == 2)
            {
                server.Transfers.Publish(id, "completed", "Done.", t => Samples.Completed(t) with { LastEvent = t.LastEvent });
            }
        };

        Assert.Equal(0, await run.RunAsync(server.Address, "events", "k3m9", "--follow", "-o", "jsonl"));
        Assert.Equal([1, 2], Sequences(run));
    }

    [Fact]
    public async Task Follow_Interrupted_LeavesAWholeDocument()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "chunk-retried", "Again.");
        int watched = 0;
        server.Transfers.Watched = (_, _) =>
        {
            if (++watched == 2)
            {
                run.Signals.Raise(Signal.Interrupt);   // the first event was written when the second is asked for
            }
        };

        Assert.Equal(130, await run.RunAsync(server.Address, "events", "k3m9", "-f", "-o", "json"));
        Assert.InRange(JsonDocument.Parse(run.Out).RootElement.GetProperty("items").GetArrayLength(), 0, 1);
        Assert.Equal("Interrupted.\n", run.Error);
    }

    [Fact]
    public async Task Cp_OfATransferThatIsTakenUpAgain_FollowsToItsLastEnd()
    {
        await using FakeNode node = await FakeNode.StartAsync();
        using var run = new CliRun();
        TransferResource failed = Samples.Parked(OutputSamples.Accepted) with { LastEvent = 1 };
        TransferResource again = Samples.Active(failed.Id) with { Retries = 1, LastEvent = 2 };
        node.Stories[failed.Id] =
        [
            [new TransferEvent(1, Samples.Start, "failed", "It failed.", failed)],
            [new TransferEvent(2, Samples.Start, "retried", "Taken up again.", again), new TransferEvent(3, Samples.Start, "completed", "Done.", Samples.Completed(again) with { LastEvent = 3 })],
        ];

        Assert.Equal(0, await run.RunAsync(node.Address, "cp", "src:sdk", "beta:in"));
        Assert.StartsWith("Completed 100 %", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    public async Task After_ThatIsNoNumber_ExitsWith2(string after)
    {
        using var run = new CliRun();

        Assert.Equal(2, await run.RunAsync(null, "events", "k3m9", $"--after={after}"));
        Assert.Contains("whole number from 0", run.Error, StringComparison.Ordinal);
    }

    private static long[] Sequences(CliRun run) =>
        [.. run.Out.TrimEnd('\n').Split('\n')[..^1].Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sequence").GetInt64())];
}
