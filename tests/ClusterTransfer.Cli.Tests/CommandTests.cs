using System.Text.Json;
using ClusterTransfer.Cli.Tests.Contexts;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests;

public sealed class CommandTests
{
    private static readonly Uri Nowhere = new("http://127.0.0.1:1");

    [Fact]
    public async Task Get_AsJson_IsTheResource()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        TransferResource transfer = server.Transfers.Add(Samples.Parked(Samples.Active(Samples.Id)));

        int exit = await run.RunAsync(server.Address, "get", "K3M9", "-o", "json");

        Assert.Equal(0, exit);
        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.True(JsonElement.DeepEquals(JsonSerializer.SerializeToElement(transfer, ApiJson.Default.TransferResource), document.RootElement));
        Assert.Contains("\n  \"id\": \"k3m9x2p7q4w8r5tz\",\n", run.Out, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Ls_ShowsTheNewestAndSaysWhenThereAreMore()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Active(TransferId.New()));
        TransferResource newest = server.Transfers.Add(Samples.Active(TransferId.New()) with { CreatedAt = Samples.Start.AddHours(1) });

        int exit = await run.RunAsync(server.Address, "ls", "--limit", "1", "--state", "active");

        Assert.Equal(0, exit);
        Assert.Equal(2, run.Out.TrimEnd('\n').Split('\n').Length);
        Assert.Contains(newest.Id.Value, run.Out, StringComparison.Ordinal);
        Assert.Contains("--limit", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nodes ls", "alpha")]
    [InlineData("locations ls", "src:")]
    [InlineData("actors tree", "CoordinatorsActor")]
    [InlineData("version", "node  0.1.0, alpha, API 1")]
    public async Task Cluster_IsShown_AsTextAndJson(string line, string expected)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var text = new CliRun();
        using var json = new CliRun();

        Assert.Equal(0, await text.RunAsync(server.Address, line.Split(' ')));
        Assert.Equal(0, await json.RunAsync(server.Address, [.. line.Split(' '), "-o", "json"]));

        Assert.Contains(expected, text.Out, StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(json.Out);
        Assert.Equal(1, document.RootElement.GetProperty("schemaVersion").GetInt32());
    }

    [Fact]
    public async Task Cancel_SaysWhatHappensNext()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Active(Samples.Id));

        int exit = await run.RunAsync(server.Address, "cancel", "k3m9");

        Assert.Equal(0, exit);
        Assert.Contains("was asked to end", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Partial", 0)]
    [InlineData("Completed", 4)]
    [InlineData("Active", 4)]
    [InlineData(null, 4)]
    public async Task Wait_ForAState_ExitsByWhatWasReached(string? state, int expected)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Partial(Samples.Active(Samples.Id)));

        Assert.Equal(expected, await run.RunAsync(server.Address, state is null ? ["wait", "k3m9"] : ["wait", "k3m9", "--for", state]));
    }

    [Fact]
    public async Task Wait_ForAnEndThatDidNotCome_IsNeverZero()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Completed(Samples.Active(Samples.Id)));

        Assert.Equal(13, await run.RunAsync(server.Address, "wait", "k3m9", "--for", "cancelled"));
    }

    [Fact]
    public async Task Wait_OutOfTime_ExitsWith10()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();
        server.Transfers.Add(Samples.Active(Samples.Id));

        Assert.Equal(10, await run.RunAsync(server.Address, "wait", "k3m9", "--timeout", "0.05s"));
        Assert.Contains("(timed-out)", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ls")]
    [InlineData("get abcd")]
    [InlineData("watch abcd")]
    [InlineData("wait abcd")]
    [InlineData("cancel abcd")]
    [InlineData("cp src:a beta:b")]
    [InlineData("nodes ls")]
    [InlineData("version")]
    public async Task Command_WhenNoNodeAnswers_ExitsWith14NamingTheAddress(string line)
    {
        using var run = new CliRun();

        int exit = await run.RunAsync(Nowhere, line.Split(' '));

        Assert.Equal(14, exit);
        Assert.Contains("http://127.0.0.1:1", run.Error, StringComparison.Ordinal);
        Assert.Contains("ct node run", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_WithWrongToken_ExitsWith7()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { Variables = { ["CT_TOKEN"] = "wrong" } };

        Assert.Equal(7, await run.RunAsync(server.Address, "ls"));
        Assert.Contains("--token-file", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_FromTheFlag_WinsOverTheEnvironment()
    {
        using var folder = new TestFolder();
        PrivateText.Write(folder["token"], ApiTestServer.TokenText + "\n");
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { Folder = folder.Path, Variables = { ["CT_TOKEN"] = "wrong" } };

        Assert.Equal(0, await run.RunAsync(server.Address, "ls", "--token-file", "token"));
    }

    [Fact]
    public async Task Token_FromAFileInTheEnvironment_IsRead()
    {
        using var folder = new TestFolder();
        PrivateText.Write(folder["token"], ApiTestServer.TokenText + "\n");
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun { Variables = { ["CT_TOKEN_FILE"] = folder["token"] } };
        run.Variables.Remove("CT_TOKEN");

        Assert.Equal(0, await run.RunAsync(server.Address, "ls"));
    }

    [Fact]
    public async Task Token_FileThatIsMissing_ExitsWith7NamingIt()
    {
        using var run = new CliRun();

        Assert.Equal(7, await run.RunAsync(Nowhere, "ls", "--token-file", "/nonexistent/token"));
        Assert.Contains("/nonexistent/token", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_FromTheFlag_WinsOverTheEnvironment()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var run = new CliRun();

        Assert.Equal(0, await run.RunAsync(Nowhere, "ls", "--node", server.Address.Authority));
    }
}
