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
        Assert.Contains("2 of them are needed by no transfer. Remove them with 'ct gc --yes'.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gc_Yes_RemovesWhatNobodyNeeds()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Kept = All();
        using var run = new CliRun();

        int exit = await run.RunAsync(server.Address, "gc", "--yes");

        Assert.Equal(0, exit);
        Assert.Equal(2, run.Out.Split('\n').Count(line => line.Contains("to be removed: ", StringComparison.Ordinal)));
        Assert.Contains("2 of them: their nodes were asked to remove them. 'ct gc' shows what could not be.", run.Error, StringComparison.Ordinal);
    }

    private static KeptResource[] All() => [.. Samples.Kept];
}
