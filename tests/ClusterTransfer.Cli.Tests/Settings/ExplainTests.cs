using System.Text.Json;
using ClusterTransfer.Cli.Tests.Contexts;

namespace ClusterTransfer.Cli.Tests.Settings;

/// <summary><c>ct config get|explain</c> of the client's own keys.</summary>
public sealed class ExplainTests : IDisposable
{
    private readonly UserWorld _world = new();

    public ExplainTests() => _world.WriteContexts("""
        current = lab
        client.cp.durability = received
        contexts {
          lab { node = "http://127.0.0.1:7411", token-file = lab.token, ls.limit = 5 }
          far { node = "http://127.0.0.1:7499", ls.limit = 1000 }
        }
        """);

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("client.node", "", "", "http://127.0.0.1:7411", "file config/clustertransfer/contexts.conf:4:16")]
    [InlineData("client.node", "CT_NODE=127.0.0.1:7412", "", "127.0.0.1:7412", "environment CT_NODE")]
    [InlineData("client.node", "CT_NODE=127.0.0.1:7412", "--node 127.0.0.1:7413", "127.0.0.1:7413", "flag --node")]
    [InlineData("client.node", "", "--context far", "http://127.0.0.1:7499", "file config/clustertransfer/contexts.conf:5:16")]
    [InlineData("client.node", "CT_CONTEXT=far", "", "http://127.0.0.1:7499", "file config/clustertransfer/contexts.conf:5:16")]
    [InlineData("client.context", "", "", "lab", "file config/clustertransfer/contexts.conf:1:11")]
    [InlineData("client.context", "CT_CONTEXT=far", "", "far", "environment CT_CONTEXT")]
    [InlineData("client.context", "CT_CONTEXT=far", "--context lab", "lab", "flag --context")]
    [InlineData("client.cp.durability", "", "", "received", "file config/clustertransfer/contexts.conf:2:24")]
    [InlineData("client.cp.durability", "CT_CP_DURABILITY=VERIFIED", "", "verified", "environment CT_CP_DURABILITY")]
    [InlineData("client.cp.conflict", "", "", "fail", "default")]
    [InlineData("client.wait.timeout", "", "", "none", "default")]
    public async Task Explain_TellsWhereAValueComesFrom(string key, string variable, string flags, string value, string from)
    {
        using CliRun run = NewRun(variable);

        int exit = await run.RunAsync(null, ["config", "explain", key, .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal((0, string.Empty), (exit, run.Error));
        Assert.Contains($"Key:      {key}\nValue:    {value}\nFrom:     {from}\n", run.Out, StringComparison.Ordinal);
        Assert.Contains("\nVariable: CT_", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("Problem:", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CT_LS_LIMIT=many", "", "many", "want a whole number, 1 to 200; got 'many' (CT_LS_LIMIT)")]
    [InlineData("", "--context far", "1000", "want a whole number, 1 to 200; got '1000' (config/clustertransfer/contexts.conf:5:52)")]
    public async Task Explain_OfABadValue_TellsWhatIsWrong(string variable, string flags, string value, string problem)
    {
        using CliRun run = NewRun(variable);

        Assert.Equal(0, await run.RunAsync(null, ["config", "explain", "client.ls.limit", .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries)]));

        Assert.Contains($"Value:    {value}\n", run.Out, StringComparison.Ordinal);
        Assert.Contains($"Problem:  {problem}\n", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_AsJson_HasTheSource()
    {
        using CliRun run = NewRun("CT_OUTPUT=json");

        Assert.Equal(0, await run.RunAsync(null, "config", "explain", "client.output"));

        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal("environment", document.RootElement.GetProperty("source").GetString());
        Assert.Equal("CT_OUTPUT", document.RootElement.GetProperty("place").GetString());
        Assert.Equal("table", document.RootElement.GetProperty("default").GetString());
    }

    [Theory]
    [InlineData("client.node", "", 0, "http://127.0.0.1:7411\n")]
    [InlineData("client.ls", "", 0, "client.ls.limit = 5\n")]
    [InlineData("client", "CT_CP_CONFLICT=skip", 0, "\nclient.cp.conflict = skip\n")]
    [InlineData("client", "", 0, "\n# client.wait.timeout is not set\n")]
    public async Task Get_ShowsTheValueThatCounts(string key, string variable, int exit, string expected)
    {
        using CliRun run = NewRun(variable);

        Assert.Equal(exit, await run.RunAsync(null, "config", "get", key));

        Assert.Contains(expected, run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("get client.wait.timeout", "client.wait.timeout is not set and has no default. \u2014 Set CT_WAIT_TIMEOUT")]
    [InlineData("get client.cp.conflit", "Did you mean 'client.cp.conflict'?")]
    [InlineData("get client.zzzzzzzzzzzzzz", "'ct config get client' lists")]
    [InlineData("explain client", "There is no key 'client'.")]
    public async Task Key_ThatIsNotThere_ExitsWith3(string line, string expected)
    {
        using CliRun run = NewRun(string.Empty);

        Assert.Equal(3, await run.RunAsync(null, ["config", .. line.Split(' ')]));

        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    private CliRun NewRun(string variable)
    {
        CliRun run = _world.NewRun();
        if (variable.Split('=', 2) is [string name, string value])
        {
            run.Variables[name] = value;
        }

        return run;
    }
}
