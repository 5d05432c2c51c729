using System.Text.Json;
using ClusterTransfer.Cli.Tests.Contexts;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests.Doctor;

/// <summary><c>ct doctor</c>: one thing wrong at a time.</summary>
public sealed class DoctorTests : IAsyncLifetime
{
    private readonly UserWorld _world = new();
    private ApiTestServer _server = null!;   // made before each test

    public async ValueTask InitializeAsync()
    {
        _server = await ApiTestServer.StartAsync();
        _server.Cluster.LocationList = [.. Samples.Locations.Select(location => location with { Problem = null })];
        _server.Cluster.NodeList = [.. Samples.Nodes.Select(node => node with { State = "up" })];
        PrivateText.Write(_world["proc", "self", "limits"], "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            65536                65536                files     \n");
        PrivateText.Write(_world["proc", "sys", "fs", "file-nr"], "2048\t0\t9223372036854775807\n");
        PrivateText.Write(_world["proc", "sys", "kernel", "osrelease"], "6.1.0-13-amd64\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _world.Dispose();
    }

    [Fact]
    public async Task AllWell_ExitsWith0()
    {
        using CliRun run = NewRun();

        Assert.Equal((0, string.Empty), (await run.RunAsync(_server.Address, "doctor"), run.Error));

        Assert.Equal(
            """
            ok    contexts      There are none; 'ct login' makes CONTEXTS.
            ok    token         It comes from CT_TOKEN.
            ok    node          It answers at NODE.
            ok    ready         It can do its work.
            ok    clock         This machine and the node agree.
            ok    access        Node alpha takes the token.
            ok    version       ct 0.1.0, node 0.1.0.
            ok    hub           The node is the hub.
            ok    nodes         2 nodes, all connected.
            ok    locations     2 locations, all can be used.
            ok    queue         The queue is open: 0 running, 0 waiting.
            ok    journal       The hub reads all of its open transfers.
            ok    descriptors   65,536 file descriptors are free for what is started here.
            ok    codecs        LZ4 and Zstandard are there to compress with on slow links.
            ok    kernel        Linux 6.1.0-13-amd64 has what a node needs.
            All is well.

            """,
            run.Out.Replace(_world.ContextsFile, "CONTEXTS", StringComparison.Ordinal).Replace($"http://127.0.0.1:{_server.Address.Port}", "NODE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AsJson_HasEachCheck_AndTheOutcome()
    {
        _server.Cluster.Problem = new Problem(Reason.HubUnreachable, "This node is not connected to the hub.");
        using CliRun run = NewRun();

        Assert.Equal(14, await run.RunAsync(_server.Address, "doctor", "-o", "json"));

        using JsonDocument document = JsonDocument.Parse(run.Out);
        Assert.Equal(("fail", 14), (document.RootElement.GetProperty("status").GetString(), document.RootElement.GetProperty("exitCode").GetInt32()));
        JsonElement ready = document.RootElement.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("name").GetString() == "ready");
        Assert.Equal("fail", ready.GetProperty("status").GetString());
        Assert.Equal("hub-unreachable", ready.GetProperty("code").GetString());
        Assert.Equal("This node is not connected to the hub.", ready.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task AsJsonLines_EndsWithTheSummary()
    {
        using CliRun run = NewRun();
        run.Variables["CT_TOKEN"] = "wrong";

        Assert.Equal(7, await run.RunAsync(_server.Address, "doctor", "-o", "jsonl"));

        using JsonDocument summary = JsonDocument.Parse(run.Out.TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal(("summary", "not-authenticated"), (summary.RootElement.GetProperty("type").GetString(), summary.RootElement.GetProperty("problem").GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Node_ThatDoesNotAnswer_Fails_AndTheRestIsNotAsked()
    {
        using CliRun run = NewRun();

        Assert.Equal(14, await run.RunAsync(new Uri("http://127.0.0.1:1"), "doctor"));

        AssertSays(run, "fail  node          No node answers at http://127.0.0.1:1", "to do: Start it with 'ct node run'", "skip  locations", "ok    descriptors", "1 failed, 0 warnings.");
    }

    [Theory]
    [InlineData("wrong", "fail  access        The token is not the one of this node")]
    [InlineData("", "fail  access        The node wants a token, and there is none.\n                    to do: ct login --node http://")]
    [InlineData("no token", "fail  token         CT_TOKEN holds no token.")]
    public async Task Token_ThatIsNotIt_Fails(string token, string expected)
    {
        using CliRun run = NewRun();
        run.Variables["CT_TOKEN"] = token;
        if (token.Length == 0)
        {
            run.Variables.Remove("CT_TOKEN");
        }

        Assert.Equal(7, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, expected, "ok    node", "skip  version");
    }

    [Fact]
    public async Task TokenFile_ThatOthersCanRead_Fails()
    {
        PrivateText.Write(_world["token"], ApiTestServer.TokenText);
        File.SetUnixFileMode(_world["token"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        using CliRun run = NewRun();

        Assert.Equal(7, await run.RunAsync(_server.Address, "doctor", "--token-file", "token"));

        AssertSays(run, "fail  token         Others can read the token file", $"to do: Run 'chmod 600 {_world["token"]}'");
    }

    // The node's clock runs on while this one stands still: only the hours are sure.
    [Theory]
    [InlineData(0, "ok    clock         This machine and the node agree.")]
    [InlineData(10.5, "warn  clock         The node's clock is 10:")]
    [InlineData(10.5, " behind this machine's: times of the two do not compare.")]
    [InlineData(-10.5, " ahead of this machine's: times of the two do not compare.")]
    public async Task Clocks_ThatDiffer_AreTold(double hours, string expected)
    {
        using CliRun run = NewRun(hours == 0 ? TimeProvider.System : new VirtualTime(TimeProvider.System.GetUtcNow().AddHours(hours)));

        Assert.Equal(0, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, expected);
    }

    [Fact]
    public async Task Nodes_ThatAreAway_AreWarnings()
    {
        _server.Cluster.NodeList = Samples.Nodes;
        _server.Cluster.LocationList = Samples.Locations;
        using CliRun run = NewRun();

        Assert.Equal(0, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, "warn  nodes         Not connected: beta.", "to do: ct nodes ls", "warn  locations     1 of 2 locations can be used", "0 failed, 2 warnings.");
    }

    [Fact]
    public async Task Hub_ThatIsAway_Fails()
    {
        _server.Cluster.NodeList = [.. Samples.Nodes.Select(node => node with { State = node.Name.Value == "beta" ? "unreachable" : "up", Roles = node.Name.Value == "beta" ? ["hub"] : ["mover"] })];
        using CliRun run = NewRun();

        Assert.Equal(14, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, "fail  hub           The link of alpha to the hub beta is down.");
    }

    [Fact]
    public async Task Locations_WithProblems_Fail_AndTheWorstDecides()
    {
        LocationResource source = Samples.Locations[0] with { Problem = null };
        _server.Cluster.LocationList =
        [
            source with { Problem = new Problem(Reason.DestinationNotWritable, "Location src (/srv/src): Permission denied.") },
            source with { Name = new LocationName("far"), Node = new NodeId("beta"), Problem = new Problem(Reason.NoSpace, "No space left.") },
        ];
        using CliRun run = NewRun();

        Assert.Equal(18, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, "fail  locations     Location src (/srv/src): Permission denied.\n", "fail  locations     At beta: Location far: No space left.\n", "2 failed");
    }

    [Theory]
    [InlineData("Max open files            1024                 1048576              files", "warn  descriptors   Only 1,024 file descriptors are free")]
    [InlineData("Max open files            unlimited            unlimited            files", "ok    descriptors")]
    [InlineData("something else", "skip  descriptors   This system does not say")]
    public async Task Descriptors_ThatAreFew_AreAWarning(string limits, string expected)
    {
        PrivateText.Write(_world["proc", "self", "limits"], limits + "\n");
        using CliRun run = NewRun();

        Assert.Equal(0, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, expected);
    }

    [Theory]
    [InlineData("5.4.0-150-generic", 15, "fail  kernel        Linux 5.4.0-150-generic is too old for a node")]
    [InlineData("5.8.0", 0, "ok    kernel        Linux 5.8.0 has")]
    [InlineData("garbage", 0, "skip  kernel")]
    public async Task Kernel_ThatIsTooOld_Fails(string release, int exit, string expected)
    {
        PrivateText.Write(_world["proc", "sys", "kernel", "osrelease"], release + "\n");
        using CliRun run = NewRun();

        Assert.Equal(exit, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, expected);
    }

    [Fact]
    public async Task Contexts_ThatAreBroken_Fail_AndTheRestIsLookedAt()
    {
        _world.WriteContexts("contexts.lab.nod = x");
        using CliRun run = NewRun();

        Assert.Equal(2, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, "fail  settings", "'nod' is not known; is 'node' meant?", "skip  contexts", "ok    access");
    }

    [Fact]
    public async Task Settings_ThatAnyCommandWouldRefuse_FailEachOnce()
    {
        _world.WriteContexts("current = lab\ncontexts.lab { cp.conflict = newest }\ncontexts.far { ls.limit = 1000 }\n");
        File.SetUnixFileMode(_world.ContextsFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        using CliRun run = NewRun();
        run.Variables["CT_WAIT_TIMEOUT"] = "soon";
        run.Variables["CT_PROGRESS"] = "much";

        Assert.Equal(2, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(
            run, $"{_world.ContextsFile}:2:30 is 'newest'.", "to do: Want fail, overwrite or skip.", ":3:27 is '1000'.", "CT_WAIT_TIMEOUT is 'soon'.", "CT_PROGRESS is 'much'.",
            $"warn  contexts      Others can read {_world.ContextsFile}", "4 failed, 1 warning.");
    }

    [Fact]
    public async Task Node_ThatCannotBeTold_IsNotGuessed()
    {
        using CliRun run = NewRun();
        run.Variables["CT_NODE"] = "ftp://x";

        Assert.Equal(2, await run.RunAsync(null, "doctor"));

        AssertSays(run, "fail  settings      CT_NODE is 'ftp://x'.", "skip  node          Which one is meant cannot be told", "skip  kernel");
    }

    [Fact]
    public async Task Context_ThatIsNot_Fails()
    {
        _world.WriteContexts("contexts.lab.node = x");
        using CliRun run = NewRun();

        Assert.Equal(3, await run.RunAsync(_server.Address, "doctor", "--context", "la"));

        AssertSays(run, "fail  settings      There is no context 'la' (--context).", "to do: Did you mean 'lab'?", "ok    contexts      1 context in ", "none counts.");
    }

    [Fact]
    public async Task Queue_ThatIsPaused_IsTold()
    {
        _server.Transfers.Add(Samples.Queued(Samples.Id));
        await _server.Transfers.PauseQueueAsync(TestContext.Current.CancellationToken);
        using CliRun run = NewRun();

        Assert.Equal(0, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, "warn  queue         The queue is paused since ", ": 0 running, 1 waiting.", "to do: ct queue resume");
    }

    [Theory]
    [InlineData(Reason.DiskError, 1, 1, "A stream of the hub's journal cannot be read: Row 3 is missing.", "or leave that transfer and submit again with '--conflict skip'.")]
    [InlineData(Reason.DiskError, 2, 1, "2 streams of the hub's journal cannot be read, the first: Row 3 is missing.", "or leave those transfers and submit again")]
    [InlineData(Reason.VersionMismatch, 1, 15, "cannot be read: Row 3 is missing.", "Run the newer version of ct that wrote it at the hub.")]
    public async Task Journal_ThatCannotBeRead_IsToldWithItsFirstRow(Reason reason, int count, int exitCode, string detail, string remedy)
    {
        _server.Transfers.Damaged = [.. Enumerable.Range(0, count).Select(_ => new DamagedStreamResource { Transfer = Samples.Id, Problem = new Problem(reason, "Row 3 is missing.") })];
        using CliRun run = NewRun();

        Assert.Equal(exitCode, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, "fail  journal       ", detail, remedy);
    }

    [Fact]
    public async Task Journal_WhoseQueueCannotBeRead_SaysThatNothingBegins()
    {
        _server.Transfers.Damaged = [new DamagedStreamResource { Problem = new Problem(Reason.DiskError, "Stream 'queue', row 1, is missing.") }];
        using CliRun run = NewRun();

        Assert.Equal(1, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, "fail  journal       ", "Stream 'queue', row 1", "until then no transfer begins");
    }

    [Fact]
    public async Task Queue_WhileTheHubIsAway_IsNotAskedFor()
    {
        _server.Cluster.NodeList = [.. Samples.Nodes.Select(node => node.Roles.Contains("hub") ? node with { State = "unreachable", Name = new NodeId("far") } : node with { State = "up" })];
        using CliRun run = NewRun();

        Assert.Equal(14, await run.RunAsync(_server.Address, "doctor"));

        AssertSays(run, "skip  queue         The hub cannot be asked.", "skip  journal       The hub cannot be asked.");
    }

    private static void AssertSays(CliRun run, params string[] said)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(run.Out + run.Error);
        Assert.All(said, text => Assert.Contains(text, run.Out, StringComparison.Ordinal));
    }

    private CliRun NewRun(TimeProvider? time = null)
    {
        CliRun run = _world.NewRun(time: time);
        run.Variables["CT_TOKEN"] = ApiTestServer.TokenText;
        run.ProcFolder = _world["proc"];
        return run;
    }
}
