using System.Text.Json;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests;

public sealed class CopyTests
{
    [Fact]
    public async Task Cp_ThatCompletes_TellsTheStoryAndExitsWith0()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Submitted = transfer => Play(server, transfer, "completed", Samples.Completed);

        int exit = await run.RunAsync(server.Address, "cp", "src:sdk", "beta:in", "--as", "x", "--conflict", "skip", "--durability", "verified", "--connections", "3");

        Assert.Equal(0, exit);
        Assert.StartsWith("Completed 100 %: 1,000 files", run.Out, StringComparison.Ordinal);
        Assert.Contains("session-opened: Session 1 opened.", run.Error, StringComparison.Ordinal);
        Assert.Contains("session-lost: Session 1 lost.", run.Error, StringComparison.Ordinal);
        (SubmitTransfer body, string? key) = Assert.Single(server.Transfers.Submits);
        Assert.Equal(
            new SubmitTransfer { Source = "src:sdk", Destination = "beta:in", As = "x", Conflict = ConflictPolicy.Skip, Durability = DurabilityLevel.Verified, Connections = 3 },
            body);
        Assert.NotNull(key);
    }

    [Fact]
    public async Task Cp_ThatEndsPartial_ExitsWith4AndListsTheFiles()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Submitted = transfer => Play(server, transfer, "partial", Samples.Partial);

        int exit = await run.RunAsync(server.Address, "cp", "src:sdk", "beta:in");

        Assert.Equal(4, exit);
        Assert.DoesNotContain("100 %", run.Out + run.Error, StringComparison.Ordinal);
        Assert.Contains("sdk/b.bin", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cp_WithAParkedChunk_ExitsWith6AndNamesIt()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Submitted = transfer => Play(server, transfer, "failed", Samples.Parked);

        int exit = await run.RunAsync(server.Address, "cp", "src:sdk/big.bin", "beta:in");

        Assert.Equal(6, exit);
        Assert.Contains("chunk 17 at byte 71,303,168", run.Out, StringComparison.Ordinal);
        Assert.Contains(new string('b', 64), run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cp_AsJson_PrintsOnlyTheFinalResource()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Submitted = transfer => Play(server, transfer, "completed", Samples.Completed);

        int exit = await run.RunAsync(server.Address, "cp", "src:sdk", "beta:in", "-o", "json", "--progress", "none");

        Assert.Equal(0, exit);
        Assert.Equal(TransferState.Completed, JsonSerializer.Deserialize(run.Out, ApiJson.Default.TransferResource)!.State);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Cp_OfAPlainPath_IsMappedToALocation()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { Folder = "/srv/src/photos" };
        server.Transfers.Submitted = transfer => Play(server, transfer, "completed", Samples.Completed);

        Assert.Equal(0, await run.RunAsync(server.Address, "cp", "2024/", "beta:in"));
        Assert.Equal("src:photos/2024", server.Transfers.Submits[0].Body.Source);
    }

    [Fact]
    public async Task Cp_OfAPathInNoLocation_ExitsWith3()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();

        Assert.Equal(3, await run.RunAsync(server.Address, "cp", "/etc/passwd", "beta:in"));
        Assert.Contains("locations {", run.Error, StringComparison.Ordinal);
        Assert.Empty(server.Transfers.Submits);
    }

    [Theory]
    [InlineData("cp")]
    [InlineData("watch")]
    [InlineData("wait")]
    public async Task FailOnWait_TransferWaitsForSpace_ExitsWith12AndLeavesIt(string verb)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        var id = new TransferId("k3m9p7q4x2vwa8zt");
        if (verb == "cp")
        {
            server.Transfers.Submitted = transfer => server.Transfers.Publish(transfer.Id, "waiting-for-space", "Waiting for space.", WaitsForSpace);
        }
        else
        {
            server.Transfers.Add(WaitsForSpace(Samples.Active(id)));
        }

        int exit = await (verb == "cp"
            ? run.RunAsync(server.Address, "cp", "src:sdk", "beta:in", "--fail-on-wait")
            : run.RunAsync(server.Address, verb, id.Value, "--fail-on-wait"));

        Assert.Equal(12, exit);
        Assert.Contains("waits for space and goes on by itself", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cp_TransferWaitsForSpace_WaitsWithItAndSaysSo()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Submitted = transfer =>
        {
            server.Transfers.Publish(transfer.Id, "waiting-for-space", "Waiting for space.", WaitsForSpace);
            Play(server, transfer, "completed", Samples.Completed);
        };

        int exit = await run.RunAsync(server.Address, "cp", "src:sdk", "beta:in");

        Assert.Equal(0, exit);
        Assert.Contains("waiting-for-space: Waiting for space.", run.Error, StringComparison.Ordinal);
    }

    private static TransferResource WaitsForSpace(TransferResource transfer) =>
        transfer with { State = TransferState.Negotiating, Problem = new Problem(Reason.NoSpace, "'beta' is full.") };

    [Fact]
    public async Task Cp_Detached_PrintsTheIdAndLeaves()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();

        int exit = await run.RunAsync(server.Address, "cp", "src:sdk", "beta:in", "--detach", "--idempotency-key", "mine");

        Assert.Equal(0, exit);
        Assert.Equal(TransferId.Length, run.Out.Trim().Length);
        Assert.Equal("mine", server.Transfers.Submits[0].Key);
        Assert.Contains($"ct watch {run.Out.Trim()}", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Reason.LocationUnknown, 3)]
    [InlineData(Reason.DestinationExists, 13)]
    [InlineData(Reason.HubUnreachable, 14)]
    [InlineData(Reason.NoSpace, 12)]
    public async Task Cp_ThatIsRefused_ExitsByItsReason(Reason reason, int expected)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { Patience = TimeSpan.FromSeconds(30) };
        server.Transfers.Failure = new ClusterTransferException(reason, "About beta:in.");

        Assert.Equal(expected, await run.RunAsync(server.Address, "cp", "src:sdk", "beta:in"));
        Assert.Contains($"About beta:in. \u2014 {reason.Info().Remedy} ({reason.Info().Code})", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("srk:a", "beta:in", "Did you mean 'src:'? Else: List the known ones with 'ct locations ls'")]
    [InlineData("src:a", "bta:in", "Did you mean 'beta:'?")]
    [InlineData("src:a", "elsewhere:in", "\u2014 List the known ones with 'ct locations ls'")]
    public async Task Cp_ToAnUnknownLocation_NamesTheNearest(string source, string destination, string expected)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Failure = new ClusterTransferException(Reason.LocationUnknown, "No node serves that location.");

        Assert.Equal(3, await run.RunAsync(server.Address, "cp", source, destination));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cp_WhenItsNodeRestarts_SaysSoOnceAndGoesOn(bool isTerminal)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { IsTerminal = isTerminal };
        server.Transfers.Submitted = transfer => server.Transfers.Publish(transfer.Id, "session-opened", "Session 1 opened.", t => Samples.Active(t.Id));
        Task<int> copying = run.RunAsync(server.Address, "cp", "src:sdk", "beta:in");
        await run.ErrorHasAsync("session-opened");
        TransferId id = (await server.Transfers.ListAsync(null, null, 1, TestContext.Current.CancellationToken)).Items[0].Id;

        await server.StopAsync();
        await run.ErrorHasAsync("lost the node, retrying...");
        await server.StartAgainAsync();
        await run.ErrorHasAsync("back after");
        server.Transfers.Publish(id, "completed", "Done.", Samples.Completed);

        Assert.Equal(0, await copying);
        Assert.Equal(2, run.Error.Split("lost the node, retrying...").Length);
        Assert.Equal(2, run.Error.Split("back after").Length);
        Assert.Single(server.Transfers.Submits);
        Assert.StartsWith("Completed 100 %", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cp_WhenTheNodeStartsLate_SubmitsOnce()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        Uri address = server.Address;
        await server.StopAsync();
        using var run = new CliRun { Patience = TimeSpan.FromSeconds(30) };
        server.Transfers.Submitted = transfer => Play(server, transfer, "completed", Samples.Completed);
        Task<int> copying = run.RunAsync(address, "cp", "src:sdk", "beta:in");
        await run.ErrorHasAsync("Trying again");
        await server.StartAgainAsync();

        Assert.Equal(0, await copying);
        Assert.Single(server.Transfers.Submits);
    }

    [Fact]
    public async Task Cp_Interrupted_DetachesAndSaysHowToComeBack()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        Task<int> copying = await StartAndAttachAsync(server, run);

        run.Signals.Raise(Signal.Interrupt);

        Assert.Equal(130, await copying);
        TransferResource transfer = (await server.Transfers.ListAsync(null, null, 1, TestContext.Current.CancellationToken)).Items[0];
        Assert.Equal(DesiredState.Run, transfer.Desired);
        Assert.Contains($"ct watch {transfer.Id}", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Cp_Terminated_ExitsWith143()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { IsTerminal = true };
        Task<int> copying = await StartAndAttachAsync(server, run);

        run.Signals.Raise(Signal.Terminate);

        Assert.Equal(143, await copying);
    }

    [Theory]
    [InlineData("y\n", 11, DesiredState.Cancel)]
    [InlineData("n\n", 130, DesiredState.Run)]
    [InlineData("\n", 130, DesiredState.Run)]
    [InlineData("", 130, DesiredState.Run)]
    public async Task Cp_InterruptedTwice_AsksWhetherToCancel(string answer, int expected, DesiredState desired)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { IsTerminal = true, Input = answer };
        Task<int> copying = await StartAndAttachAsync(server, run);
        TransferId id = (await server.Transfers.ListAsync(null, null, 1, TestContext.Current.CancellationToken)).Items[0].Id;
        server.Transfers.Watched = (_, _) =>
        {
            // The node obeys as soon as somebody waits for it.
            server.Transfers.Watched = null;
            server.Transfers.Publish(id, "cancelled", "Ended.", t => t with { State = TransferState.Cancelled, ExitCode = 11 });
        };

        run.Signals.Raise(Signal.Interrupt);
        await run.ErrorHasAsync("Ctrl-C again");
        run.Signals.Raise(Signal.Interrupt);

        Assert.Equal(expected, await copying);
        Assert.Contains($"Cancel transfer {id}? [y/N]", run.Error, StringComparison.Ordinal);
        Assert.Equal(desired, (await server.Transfers.GetAsync(id.Value, TestContext.Current.CancellationToken)).Desired);
    }

    [Fact]
    public async Task Cp_InterruptedOnce_OnATerminal_LeavesAfterTheWindow()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { IsTerminal = true, SecondInterruptWindow = TimeSpan.FromMilliseconds(1) };
        Task<int> copying = await StartAndAttachAsync(server, run);

        run.Signals.Raise(Signal.Interrupt);

        Assert.Equal(130, await copying);
        Assert.DoesNotContain("[y/N]", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cp_OnATerminal_DrawsInPlaceAndCleansUp()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { IsTerminal = true };
        run.Variables.Remove("NO_COLOR");
        Task<int> copying = await StartAndAttachAsync(server, run);
        TransferId id = (await server.Transfers.ListAsync(null, null, 1, TestContext.Current.CancellationToken)).Items[0].Id;
        server.Transfers.Publish(id, "completed", "Done.", Samples.Completed);

        Assert.Equal(0, await copying);
        Assert.Contains("25.0 %", run.Error, StringComparison.Ordinal);
        Assert.Contains("\u001b[2mActive", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("\r\u001b[1A\u001b[J", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cp_OnATerminalWithNoColor_DrawsOneLineWithoutEscapes()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { IsTerminal = true };
        Task<int> copying = await StartAndAttachAsync(server, run);
        TransferId id = (await server.Transfers.ListAsync(null, null, 1, TestContext.Current.CancellationToken)).Items[0].Id;
        server.Transfers.Publish(id, "completed", "Done.", Samples.Completed);

        Assert.Equal(0, await copying);
        Assert.Contains("25.0 %", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(" \r", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Error);
    }

    private static async Task<Task<int>> StartAndAttachAsync(ApiTestServer server, CliRun run)
    {
        server.Transfers.Submitted = transfer => server.Transfers.Publish(transfer.Id, "session-opened", "Session 1 opened.", t => Samples.Active(t.Id));
        Task<int> copying = run.RunAsync(server.Address, "cp", "src:sdk", "beta:in");
        await run.ErrorHasAsync("session-opened");
        return copying;
    }

    private static void Play(ApiTestServer server, TransferResource transfer, string end, Func<TransferResource, TransferResource> outcome)
    {
        server.Transfers.Publish(transfer.Id, "session-opened", "Session 1 opened.", t => Samples.Active(t.Id));
        server.Transfers.Publish(transfer.Id, "session-lost", "Session 1 lost.");
        server.Transfers.Publish(transfer.Id, end, "It has ended.", t => outcome(t));
    }
}
