using System.Text.Json;
using ClusterTransfer.Cli.Tests.Printed;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests;

/// <summary><c>pause</c>, <c>resume</c>, <c>retry</c> and <c>cancel</c> of one or several transfers.</summary>
public sealed class WishTests
{
    [Theory]
    [InlineData("pause", "is pausing")]
    [InlineData("resume", "goes on: Active")]
    [InlineData("retry", "is taken up again: Queued")]
    [InlineData("cancel", "was asked to end")]
    public async Task Wish_OfEach_AsksTheNodeOnceInTurn(string verb, string told)
    {
        await using FakeNode node = await FakeNode.StartAsync();
        using var run = new CliRun();

        int exit = await run.RunAsync(node.Address, verb, "K3M9", "t3m9", "k3m9");

        Assert.Equal(0, exit);
        Assert.Equal([$"POST transfers/k3m9/{verb}", $"POST transfers/t3m9/{verb}"], node.Requests);
        Assert.StartsWith("Transfer k3m9x2p7q4w8r5tz " + told, run.Out, StringComparison.Ordinal);
        Assert.Equal(2, run.Out.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task Wish_WithAMistypedId_AsksForNothing()
    {
        await using FakeNode node = await FakeNode.StartAsync();
        using var run = new CliRun();

        Assert.Equal(2, await run.RunAsync(node.Address, "pause", "k3m9", "x"));
        Assert.Empty(node.Requests);
    }

    [Theory]
    [InlineData(Reason.TransferUnknown, Reason.WrongState, 13)]
    [InlineData(Reason.WrongState, Reason.TransferUnknown, 13)]
    [InlineData(Reason.HubUnreachable, Reason.TransferUnknown, 3)]
    [InlineData(Reason.HubUnreachable, Reason.LimitReached, 14)]
    public async Task Wish_ThatFailsForSome_DoesTheOthersAndExitsByTheWorst(Reason first, Reason second, int expected)
    {
        await using FakeNode node = await FakeNode.StartAsync();
        node.Problems["transfers/aaaa/pause"] = new Problem(first, "About aaaa.");
        node.Problems["transfers/bbbb/pause"] = new Problem(second, "About bbbb.");
        using var run = new CliRun();

        int exit = await run.RunAsync(node.Address, "pause", "aaaa", "k3m9", "bbbb", "t3m9", "-o", "name");

        Assert.Equal(expected, exit);
        Assert.Equal("k3m9x2p7q4w8r5tz\nt3m9x2p7q4w8r5zk\n", run.Out);
        Assert.Contains($"About aaaa. \u2014 {first.Info().Remedy}", run.Error, StringComparison.Ordinal);
        Assert.Contains($"About bbbb. \u2014 {second.Info().Remedy}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wish_WhenNoNodeAnswers_SaysOfEachThatItWasNotAskedFor()
    {
        using var run = new CliRun();

        int exit = await run.RunAsync(new Uri("http://127.0.0.1:1"), "pause", "aaaa", "bbbb", "cccc", "-o", "jsonl");

        Assert.Equal(14, exit);
        JsonElement[] lines = [.. run.Out.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["aaaa", "bbbb", "cccc"], lines[..^1].Select(line => line.GetProperty("id").GetString()));
        Assert.Equal("Transfer cccc was not asked for.", lines[2].GetProperty("detail").GetString());
        Assert.Equal((0, 3), (lines[3].GetProperty("counts").GetProperty("items").GetInt32(), lines[3].GetProperty("counts").GetProperty("failed").GetInt32()));
    }

    [Theory]
    [InlineData("pause", new[] { "k3m9x2p7q4w8r5tz", "p7q4w8r5tzk3m9x2", "t3m9x2p7q4w8r5zk" })]
    [InlineData("resume", new[] { "p7q4w8r5tzk3m9x2" })]
    [InlineData("cancel", new[] { "k3m9x2p7q4w8r5tz", "p7q4w8r5tzk3m9x2", "t3m9x2p7q4w8r5zk" })]
    public async Task All_AsksForEachThatHasNotEndedAndFits(string verb, string[] expected)
    {
        await using FakeNode node = await FakeNode.StartAsync();
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync(node.Address, verb, "--all", "--yes", "-o", "name"));
        Assert.Equal(expected.Select(id => $"POST transfers/{id}/{verb}"), node.Requests.Where(request => request.StartsWith("POST", StringComparison.Ordinal)));
        Assert.Equal(expected, run.Out.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("y\n", 0, 3)]
    [InlineData("n\n", 11, 0)]
    [InlineData("", 11, 0)]
    public async Task CancelAll_AtATerminal_ShowsThePlanAndAsks(string answer, int exit, int asked)
    {
        await using FakeNode node = await FakeNode.StartAsync();
        using var run = new CliRun { IsTerminal = true, Input = answer };

        Assert.Equal(exit, await run.RunAsync(node.Address, "cancel", "--all"));
        Assert.Contains("Cancel all of these? [y/N]", run.Error, StringComparison.Ordinal);
        Assert.Contains("t3m9x2p7q4w8r5zk  Negotiating", run.Error, StringComparison.Ordinal);
        Assert.Equal(asked, node.Requests.Count(request => request.StartsWith("POST", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task CancelAll_WithNobodyToAsk_AsksTheNodeForNothing()
    {
        await using FakeNode node = await FakeNode.StartAsync();
        using var run = new CliRun();

        Assert.Equal(2, await run.RunAsync(node.Address, "cancel", "--all"));
        Assert.Contains("--yes", run.Error, StringComparison.Ordinal);
        Assert.Empty(node.Requests);
    }

    [Fact]
    public async Task All_WhenOneEndsMeanwhile_SaysSoAndIsNoFailure()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Wished = id => server.Transfers.Publish(id, "completed", "Done.", Samples.Completed);

        Assert.Equal(0, await run.RunAsync(server.Address, "pause", "--all"));
        Assert.Equal($"Transfer {Samples.Id} has ended: Completed.\n", run.Out);
    }

    [Fact]
    public async Task All_WhenNothingIsOpen_SaysSo()
    {
        await using FakeNode node = await FakeNode.StartAsync();
        node.Transfers = [];
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync(node.Address, "cancel", "--all", "--yes", "-o", "jsonl"));
        Assert.Contains("There is no such transfer.", run.Error, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"ok\"", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause", "k3m9", "--all")]
    [InlineData("cancel")]
    [InlineData("retry", "k3m9", "t3m9", "--files")]
    [InlineData("retry", "k3m9", "--files", "a", "beta")]
    [InlineData("retry", "--files", "k3m9")]
    [InlineData("retry", "k3m9", "--chunks", "x")]
    [InlineData("retry", "k3m9", "--chunks", "-1")]
    public async Task Wish_ThatCannotBeMeant_AsksForNothing(params string[] line)
    {
        await using FakeNode node = await FakeNode.StartAsync();
        using var run = new CliRun();

        Assert.Equal(2, await run.RunAsync(node.Address, line));
        Assert.Empty(node.Requests);
    }

    [Theory]
    [InlineData("retry k3m9", null, null)]
    [InlineData("retry k3m9 --files", new string[0], null)]
    [InlineData("retry k3m9 --files a/b --files c", new[] { "a/b", "c" }, null)]
    [InlineData("retry --files a/b k3m9", new[] { "a/b" }, null)]
    [InlineData("retry --files a/b --files=c k3m9", new[] { "a/b", "c" }, null)]
    [InlineData("retry --chunks 7 k3m9 --chunks 9", null, new long[] { 7, 9 })]
    [InlineData("retry k3m9 --chunks", null, new long[0])]
    [InlineData("retry k3m9 --chunks 7 --chunks 9 --files a", new[] { "a" }, new long[] { 7, 9 })]
    public async Task Retry_OfSome_NamesThemToTheNode(string line, string[]? files, long[]? chunks)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Add(Samples.Partial(Samples.Active(Samples.Id)));
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync(server.Address, line.Split(' ')));
        Assert.Equal(files, server.Transfers.Retried!.Files);
        Assert.Equal(chunks, server.Transfers.Retried.Chunks);
    }

    [Fact]
    public async Task Resume_WhileTheQueueIsPaused_SaysThatItStillWaits()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Add(Samples.Queued(Samples.Id) with { Desired = DesiredState.Pause, Problem = new Problem(Reason.QueuePaused, "All hold.") });
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync(server.Address, "resume", "k3m9"));
        Assert.Contains("ct queue resume", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pause_ThatIsHeldAlready_SaysPaused()
    {
        await using FakeNode node = await FakeNode.StartAsync();
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync(node.Address, "pause", "p7q4"));
        Assert.Equal("Transfer p7q4w8r5tzk3m9x2 is paused. Go on with 'ct resume p7q4w8r5tzk3m9x2'.\n", run.Out);
    }

    [Fact]
    public async Task WaitForPaused_EndsWhenTheLastSessionHas()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        TransferResource transfer = server.Transfers.Add(Samples.Active(Samples.Id) with { Desired = DesiredState.Pause });
        server.Transfers.Watched = (id, _) =>
        {
            server.Transfers.Watched = null;
            server.Transfers.Publish(id, "paused", "It is held.", t => t with { State = TransferState.Queued });
        };

        Assert.Equal(0, await run.RunAsync(server.Address, "wait", "k3m9", "--for", "paused"));
        Assert.StartsWith("Paused:", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TransferState.Completed, 13)]
    [InlineData(TransferState.Partial, 4)]
    public async Task WaitForPaused_OfOneThatHasEnded_IsNeverZero(TransferState state, int expected)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add((state == TransferState.Partial ? Samples.Partial(Samples.Active(Samples.Id)) : Samples.Completed(Samples.Active(Samples.Id))) with { Desired = DesiredState.Pause });

        Assert.Equal(expected, await run.RunAsync(server.Address, "wait", "k3m9", "--for", "Paused"));
    }

    [Fact]
    public async Task WaitForPaused_OutOfTime_SaysWhatItWaitedFor()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Active(Samples.Id));

        Assert.Equal(10, await run.RunAsync(server.Address, "wait", "k3m9", "--for", "paused", "--timeout", "0.05s"));
        Assert.Contains("was not paused after", run.Error, StringComparison.Ordinal);
    }
}
