using System.Net;
using System.Net.Sockets;
using ClusterTransfer.Cli.Tests.Contexts;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests.Completion;

/// <summary><c>ct complete</c>: what the shells' scripts ask.</summary>
public sealed class CompleteTests : IDisposable
{
    private readonly UserWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("pa", "pause")]
    [InlineData("nodes ", "ls")]
    [InlineData("con", "conns,config,context")]
    [InlineData("config ", "check,get,explain")]
    [InlineData("cp --conf", "--conflict")]
    [InlineData("cp --conflict skip --conf", "")]
    [InlineData("cp src:a beta:b --connection", "--connections,--connection-policy")]
    [InlineData("cp --conflict ", "fail,overwrite,skip")]
    [InlineData("cp --conflict s", "skip")]
    [InlineData("cp --conflict=s", "--conflict=skip")]
    [InlineData("cp --detach=", "--detach=true,--detach=false")]
    [InlineData("cp --detach --dur", "--durability")]
    [InlineData("-o js", "json,jsonl")]
    [InlineData("ls --output=y", "--output=yaml")]
    [InlineData("ls --state Pa", "Partial")]
    [InlineData("ls --state pa", "partial")]
    [InlineData("wait abcd --for pau", "paused")]
    [InlineData("ls --limit ", "")]
    [InlineData("retry abcd --chunks --fi", "--files")]
    [InlineData("retry abcd --chunks --files x --ch", "--chunks")]
    [InlineData("completion ", "bash,fish,powershell,zsh")]
    [InlineData("completion bash ", "")]
    [InlineData("config check ", ":files")]
    [InlineData("ls --token-file ", ":files")]
    [InlineData("pki init --out ", ":folders")]
    [InlineData("config get client.cp.conf", "client.cp.conflict")]
    [InlineData("config explain data-plane.ch", "data-plane.chunk-size")]
    [InlineData("cp ./", ":files")]
    [InlineData("nosuchverb ", "")]
    [InlineData("comple", "completion")]
    [InlineData("cp -- --conf", ":files")]
    [InlineData("--", "--help,--output,--context,--node,--token-file,--progress")]
    public async Task Words_AreThoseThatFit(string line, string expected) => Assert.Equal(expected, string.Join(',', await WordsAsync(null, line)));

    [Fact]
    public async Task Verbs_AreAllThatAreNotHidden_EachWithWhatItDoes()
    {
        using CliRun run = _world.NewRun();

        Assert.Equal(0, await run.RunAsync(null, "complete", "--", ""));

        Assert.Contains("\nls\tLists transfers, newest first.\n", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("complete\t", run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause", "running,waiting")]
    [InlineData("resume", "paused")]
    [InlineData("cancel", "paused,running,waiting")]
    [InlineData("retry", "failed,partial")]
    [InlineData("retry --files a --chunks 7", "failed,partial")]
    [InlineData("watch", "paused,running,waiting")]
    [InlineData("get", "completed,failed,partial,paused,running,waiting")]
    [InlineData("events", "completed,failed,partial,paused,running,waiting")]
    public async Task Transfers_AreThoseThatFitTheVerb(string verb, string expected)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        Dictionary<string, string> names = AddTransfers(server);

        IReadOnlyList<string> words = await WordsAsync(server, $"{verb} ");

        Assert.Equal(expected, string.Join(',', words.Select(id => names[id]).Order()));
    }

    [Fact]
    public async Task Transfer_IsShownWithStateAndSource_AndOfferedOnce()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Add(Samples.Active(Samples.Id) with { Source = "src:a\u001b[2J\tb" });
        using CliRun first = NewRun(server), again = NewRun(server), other = NewRun(server);

        await first.RunAsync(server.Address, "complete", "--", "pause", "k3");
        await again.RunAsync(server.Address, "complete", "--", "pause", Samples.Id.Value, "");
        await other.RunAsync(server.Address, "complete", "--", "pause", "zz");

        Assert.StartsWith($"{Samples.Id}\tActive, src:a\\x1b[2J\\x09b to ", first.Out, StringComparison.Ordinal);
        Assert.Empty(again.Out);
        Assert.Empty(other.Out);
    }

    [Fact]
    public async Task Addresses_BeginWithLocationsOrFiles()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();

        Assert.Equal([":files", "beta:", "src:"], (await WordsAsync(server, "cp ")).Order(StringComparer.Ordinal));
        Assert.Equal(["beta:", ":files"], await WordsAsync(server, "cp src:a be"));
        Assert.Empty(await WordsAsync(server, "cp src:a beta:b "));
    }

    [Fact]
    public async Task Nodes_AreTheClusters()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();

        Assert.Equal(["alpha"], await WordsAsync(server, "pki issue al"));
        Assert.Equal(["beta"], await WordsAsync(server, "ls --on be"));
        Assert.Equal(["--location=src"], await WordsAsync(server, "ls --location=s"));
    }

    [Fact]
    public async Task Contexts_AreThoseOfTheFile()
    {
        _world.WriteContexts("contexts { lab.node = \"http://127.0.0.1:7411\", far.node = \"http://127.0.0.1:7499\" }");

        Assert.Equal(["lab", "far"], await WordsAsync(null, "ls --context "));
        Assert.Equal(["--context=lab"], await WordsAsync(null, "ls --context=l"));
        Assert.Equal(["http://127.0.0.1:7411", "http://127.0.0.1:7499", "http://127.0.0.1:7400"], await WordsAsync(null, "--node "));
    }

    [Fact]
    public async Task Node_ThatTheLineNames_IsAsked()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Add(Samples.Active(Samples.Id));
        using CliRun run = NewRun(server);

        Assert.Equal(0, await run.RunAsync(new Uri("http://127.0.0.1:1"), "complete", "--", "--node", server.Address.Authority, "pause", ""));

        Assert.StartsWith(Samples.Id.Value, run.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CT_OUTPUT", "pdf")]
    [InlineData("CT_CONTEXT", "nowhere")]
    [InlineData("CT_TOKEN", "wrong")]
    [InlineData("CT_TOKEN", "no token")]
    [InlineData("CT_NODE", "ftp://127.0.0.1:1")]
    public async Task World_ThatIsWrong_IsNotTalkedAbout(string variable, string value)
    {
        _world.WriteContexts("this is { no contexts file");
        using CliRun run = _world.NewRun();
        run.Variables["CT_NODE"] = "http://127.0.0.1:1";
        run.Variables[variable] = value;

        Assert.Equal(0, await run.RunAsync(null, "complete", "--", "cp", ""));

        Assert.Equal((":files\n", string.Empty), (run.Out, run.Error));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("4s", 4)]
    [InlineData("1h", 1)]
    [InlineData("soon", 1)]
    public async Task Node_ThatIsSilent_IsNotWaitedFor(string limit, int seconds)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new VirtualTime();
        using var run = new CliRun { Folder = _world.Folder, Time = time };
        if (limit.Length > 0)
        {
            run.Variables["CT_COMPLETE_TIME_LIMIT"] = limit;
        }

        Task<int> exit = run.RunAsync(new Uri($"http://{silent.LocalEndpoint}"), "complete", "--", "cp", "");
        using Socket asked = await silent.AcceptSocketAsync().WithinDeadline();
        Assert.NotEqual(0, await asked.ReceiveAsync(new byte[1]).WithinDeadline());
        time.Advance(TimeSpan.FromSeconds(seconds - 0.001));
        Assert.False(exit.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.001));

        Assert.Equal(0, await exit.WithinDeadline());
        Assert.Equal((":files\n", string.Empty), (run.Out, run.Error));
    }

    [Fact]
    public async Task Words_ThatSayNothing_AreTheVerbs()
    {
        using CliRun none = _world.NewRun(), current = _world.NewRun();

        Assert.Equal(0, await none.RunAsync(null, "complete"));
        Assert.Equal(0, await current.RunAsync(null, "complete", "--current=", "--"));

        Assert.NotEmpty(none.Out);
        Assert.Equal(none.Out, current.Out);
    }

    [Fact]
    public async Task Current_IsTheLastWord()
    {
        using CliRun run = _world.NewRun();

        Assert.Equal(0, await run.RunAsync(null, "complete", "--current=--conflict=s", "--", "cp"));

        Assert.Equal("--conflict=skip\n", run.Out);
    }

    private static Dictionary<string, string> AddTransfers(ApiTestServer server)
    {
        var names = new Dictionary<string, string>();
        void Add(string name, Func<TransferResource, TransferResource> change)
        {
            var id = TransferId.New();
            names[id.Value] = name;
            server.Transfers.Add(change(Samples.Active(id)));
        }

        Add("running", transfer => transfer);
        Add("waiting", transfer => transfer with { State = TransferState.Queued });
        Add("paused", transfer => transfer with { State = TransferState.Queued, Desired = DesiredState.Pause });
        Add("failed", transfer => transfer with { State = TransferState.Failed });
        Add("partial", Samples.Partial);
        Add("completed", Samples.Completed);
        return names;
    }

    private CliRun NewRun(ApiTestServer? server)
    {
        CliRun run = _world.NewRun(time: new VirtualTime());   // it stands still: what is asked here is not how quick this machine is
        if (server is not null)
        {
            run.Variables["CT_TOKEN"] = ApiTestServer.TokenText;
        }

        return run;
    }

    private async Task<IReadOnlyList<string>> WordsAsync(ApiTestServer? server, string line)
    {
        using CliRun run = NewRun(server);
        Assert.Equal(0, await run.RunAsync(server?.Address ?? new Uri("http://127.0.0.1:1"), ["complete", "--", .. line.Split(' ')]));
        Assert.Empty(run.Error);
        return [.. run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split('\t')[0])];
    }
}
