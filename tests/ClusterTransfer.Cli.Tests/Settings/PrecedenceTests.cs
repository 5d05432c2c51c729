using ClusterTransfer.Cli.Tests.Contexts;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests.Settings;

/// <summary>Flag before variable before context before default.</summary>
public sealed class PrecedenceTests : IDisposable
{
    private readonly UserWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("", "", "", "", ConflictPolicy.Fail)]
    [InlineData("skip", "", "", "", ConflictPolicy.Skip)]
    [InlineData("skip", "overwrite", "", "", ConflictPolicy.Overwrite)]
    [InlineData("skip", "overwrite", "skip", "", ConflictPolicy.Skip)]
    [InlineData("skip", "overwrite", "overwrite", "fail", ConflictPolicy.Fail)]
    public async Task Flag_IsWhatTheStrongestSays(string shared, string context, string variable, string flag, ConflictPolicy expected)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        _world.WriteContexts($$"""
            current = lab
            client { {{(shared.Length > 0 ? $"cp.conflict = {shared}" : string.Empty)}} }
            contexts.lab { cp { detach = on {{(context.Length > 0 ? $", conflict = {context}" : string.Empty)}} } }
            """);
        using CliRun run = NewRun();
        if (variable.Length > 0)
        {
            run.Variables["CT_CP_CONFLICT"] = variable;
        }

        int exit = await run.RunAsync(server.Address, ["cp", "src:a", "beta:b", .. flag.Length > 0 ? new[] { "--conflict", flag } : []]);

        Assert.Equal((0, string.Empty), (exit, exit == 0 ? string.Empty : run.Error));
        Assert.Equal(expected, Assert.Single(server.Transfers.Submits).Body.Conflict);
    }

    [Fact]
    public async Task Switch_SetByAVariable_IsUndoneByTheFlag()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Submitted = transfer => server.Transfers.Publish(transfer.Id, "completed", "Done.", Samples.Completed);
        using CliRun run = NewRun();
        run.Variables["CT_CP_DETACH"] = "yes";

        Assert.Equal(0, await run.RunAsync(server.Address, "cp", "src:a", "beta:b", "--detach=false"));

        Assert.Contains("Completed 100 %", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flags_AfterTwoDashes_AreNotMixedWithAddedOnes()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using CliRun run = NewRun();
        run.Variables["CT_CP_DETACH"] = "1";
        run.Variables["CT_CP_CONFLICT"] = "SKIP";

        Assert.Equal(0, await run.RunAsync(server.Address, "cp", "--", "src:--conflict", "beta:b"));

        Assert.Equal(("src:--conflict", ConflictPolicy.Skip), (server.Transfers.Submits[0].Body.Source, server.Transfers.Submits[0].Body.Conflict));
    }

    [Theory]
    [InlineData("CT_CP_CONFLICT", "newest", "cp src:a beta:b", "CT_CP_CONFLICT is 'newest'. \u2014 Want fail, overwrite or skip. (invalid-request)")]
    [InlineData("CT_CP_CONNECTIONS", "17", "cp src:a beta:b", "CT_CP_CONNECTIONS is '17'. \u2014 Want a whole number, 1 to 16.")]
    [InlineData("CT_CP_DETACH", "maybe", "cp src:a beta:b", "CT_CP_DETACH is 'maybe'. \u2014 Want true or false.")]
    [InlineData("CT_LS_LIMIT", "0x10", "ls", "CT_LS_LIMIT is '0x10'. \u2014 Want a whole number, 1 to 200.")]
    [InlineData("CT_LS_STATE", "asleep", "ls", "CT_LS_STATE is 'asleep'. \u2014 Want one or more of Queued")]
    [InlineData("CT_WAIT_TIMEOUT", "soon", "wait abcd", "CT_WAIT_TIMEOUT is 'soon'. \u2014 Want a time such as 30s, 5m or 2h")]
    [InlineData("CT_LS_SINCE", "lately", "ls", "CT_LS_SINCE is 'lately'. \u2014 Want how long ago, such as 30m")]
    [InlineData("CT_LS_ON", "UP PER", "ls", "CT_LS_ON is 'UP PER'. \u2014 Want the name of a node.")]
    [InlineData("CT_LS_LOCATION", "a/b", "ls", "CT_LS_LOCATION is 'a/b'. \u2014 Want the name of a location.")]
    [InlineData("CT_NODE", "ftp://x", "ls", "CT_NODE is 'ftp://x'. \u2014 Want the address of a node")]
    [InlineData("CT_OUTPUT", "pdf", "nodes ls", "CT_OUTPUT is 'pdf'. \u2014 Want table")]
    [InlineData("CT_PROGRESS", "\u001b[2J", "ls", "CT_PROGRESS is '\\x1b[2J'.")]
    [InlineData("CT_CONTEXT", "lab", "ls", "There is no context 'lab' (CT_CONTEXT).")]
    public async Task Variable_WithABadValue_IsNamed(string variable, string value, string line, string expected)
    {
        using CliRun run = NewRun();
        run.Variables[variable] = value;

        int exit = await run.RunAsync(null, line.Split(' '));

        Assert.Equal(variable == "CT_CONTEXT" ? 3 : 2, exit);
        Assert.StartsWith($"ct: {expected}", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task Variable_OfAnotherVerb_DoesNotMatter()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using CliRun run = NewRun();
        run.Variables["CT_CP_CONFLICT"] = "newest";

        Assert.Equal(0, await run.RunAsync(server.Address, "ls"));
    }

    [Theory]
    [InlineData("contexts.lab { node = \"http://127.0.0.1:1\"\n  ls.limit = 1000 }", "ls", ":3:14 is '1000'. \u2014 Want a whole number, 1 to 200.")]
    [InlineData("contexts.lab { output = pdf }", "ls", ":2:25 is 'pdf'. \u2014 Want table")]
    [InlineData("client { cp { durability = none } }", "cp src:a beta:b", ":2:28 is 'none'. \u2014 Want flushed, received or verified.")]
    public async Task Context_WithABadValue_IsNamedWithItsLine(string text, string line, string expected)
    {
        _world.WriteContexts($"current = lab\n{text}\ncontexts.lab.progress = none\n");
        using CliRun run = NewRun();

        Assert.Equal(2, await run.RunAsync(null, line.Split(' ')));

        Assert.Contains(_world.ContextsFile + expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeRun_TakesItsFileFromTheVariable_AndAsksNoContext()
    {
        _world.WriteContexts("this is { no contexts file");
        using CliRun run = NewRun();
        run.Variables["CT_CONFIG"] = "beta.conf";

        Assert.Equal(0, await run.RunAsync(null, "node", "run"));

        Assert.Equal(_world["beta.conf"], run.NodeCall!.File);
    }

    [Fact]
    public async Task Help_NeedsNoSettings()
    {
        _world.WriteContexts("this is { no contexts file");
        using CliRun run = NewRun();
        run.Variables["CT_OUTPUT"] = "pdf";

        Assert.Equal(0, await run.RunAsync(null, "ls", "--help"));
    }

    private CliRun NewRun()
    {
        CliRun run = _world.NewRun();
        run.Variables["CT_TOKEN"] = ApiTestServer.TokenText;
        return run;
    }
}
