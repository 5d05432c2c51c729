using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests;

/// <summary>ct gc: shows by default, removes only when told to.</summary>
public sealed class GarbageTests
{
    [Fact]
    public async Task Gc_ShowsWhatThereIsAndWhyAndRemovesNothing()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Kept = All();
        using var run = new CliRun();

        int exit = await run.RunAsync(server.Address, "gc");

        Assert.Equal(0, exit);
        Assert.Contains("outgoing", run.Out, StringComparison.Ordinal);
        Assert.Contains("the transfer goes on", run.Out, StringComparison.Ordinal);
        Assert.Contains("'ct retry ", run.Out, StringComparison.Ordinal);
        Assert.Contains("the hub knows no such transfer", run.Out, StringComparison.Ordinal);
        Assert.Contains("never touched", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("removed", run.Out, StringComparison.Ordinal);
        Assert.Contains("2 of them, 4.77 MiB, are needed by no transfer. Remove them with 'ct gc --yes'.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gc_Yes_RemovesWhatNobodyNeeds()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Kept = All();
        using var run = new CliRun();

        int exit = await run.RunAsync(server.Address, "gc", "--yes");

        Assert.Equal(0, exit);
        Assert.Equal(2, run.Out.Split('\n').Count(line => line.Contains(" removed: ", StringComparison.Ordinal)));
        Assert.Contains("2 removed, 4.77 MiB.", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gc")]
    [InlineData("gc --yes")]
    public async Task Gc_MoreThanAPage_GoesThroughAll(string line)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Kept = [.. Enumerable.Range(0, 5).SelectMany(_ => All())];
        server.Transfers.KeptPageSize = 4;
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync(server.Address, [.. line.Split(' '), "-o", "name"]));

        Assert.Equal(server.Transfers.Kept.Select(one => one.Name), run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Gc_Yes_WhatCouldNotBeRemoved_IsToldWithTheWorstReasonsCode()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Kept = All();
        server.Transfers.Removing = one => one with { Problem = one.Why == KeptReason.Ended ? new Problem(Reason.TimedOut, "Its removal goes on.") : new Problem(Reason.DiskError, "The disk is broken.") };
        using var run = new CliRun();

        int exit = await run.RunAsync(server.Address, "gc", "--yes");

        Assert.Equal(1, exit);
        Assert.Contains("not removed (disk-error): the hub knows no such transfer", run.Out, StringComparison.Ordinal);
        Assert.Contains("not removed (timed-out): the transfer has ended for good", run.Out, StringComparison.Ordinal);
        Assert.Contains("0 removed, 0 B.", run.Error, StringComparison.Ordinal);
        Assert.Contains("could not be removed: The disk is broken. 2 in all", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gc_Yes_AsJsonLines_CountsInItsSummary()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Kept = All();
        server.Transfers.Removing = one => one.Why == KeptReason.Ended ? one with { Removed = true } : one with { Problem = new Problem(Reason.WrongState, "A session has it open.") };
        using var run = new CliRun();

        Assert.Equal(13, await run.RunAsync(server.Address, "gc", "--yes", "-o", "jsonl"));

        string summary = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.Contains("\"removed\":1,\"bytesRemoved\":2000000,\"failed\":1", summary, StringComparison.Ordinal);
        Assert.Contains("\"exitCode\":13", summary, StringComparison.Ordinal);
    }

    private static KeptResource[] All() => [.. Samples.Kept];
}
