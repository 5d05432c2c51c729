using System.Net;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Configuration;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.TestKit;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Tests.Configuration;

public sealed class NodeConfigurationTests : IDisposable
{
    private const string Minimal = """
        cluster-transfer {
          node { name = alpha, state-folder = state }
          hub.enabled = true
          tls { authority = ca.crt, certificate = alpha.crt, key = alpha.key }
        }

        """;

    private readonly TestFolder _folder = new();

    private string ConfigFile => _folder["node.conf"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_MinimalFile_TakesDefaultsForTheRest()
    {
        NodeOptions options = Load(Minimal);
        Assert.Equal(new NodeId("alpha"), options.Name);
        Assert.True(options.Hub.Enabled);
        Assert.Equal(new DataPlaneOptions(), options.DataPlane);
        Assert.Equal(new TransferOptions(), options.Transfers);
        Assert.Equal(new BusOptions(), options.Bus);
        Assert.Empty(options.Locations);
        Assert.Empty(options.Validate());
    }

    [Fact]
    public void Load_RelativePaths_AreRelativeToTheFile()
    {
        NodeOptions options = Load(Minimal + "cluster-transfer.locations { data { folder = ../data }, \"more\" { folder = /srv/more/, read-only = yes, write-mode = buffered } }");
        Assert.Equal(_folder["state"], options.StateFolder);
        Assert.Equal(_folder["ca.crt"], options.Tls.Authority);
        Assert.Equal(_folder["state", "api-token"], options.ApiTokenFile);
        Assert.Equal(
            [new LocationEntry(new LocationName("data"), Path.GetFullPath(_folder["..", "data"])), new LocationEntry(new LocationName("more"), "/srv/more/") { ReadOnly = true, Writes = WriteMode.Buffered }],
            options.Locations);
    }

    [Fact]
    public void Load_RelativePathInAnIncludedFile_IsRelativeToThatFile()
    {
        _folder.Create("shared");
        File.WriteAllText(_folder["shared", "tls.conf"], "authority = ca.crt, certificate = a.crt, key = a.key");
        NodeOptions options = Load("cluster-transfer { node { name = a, state-folder = s }, hub.enabled = on, tls { include \"shared/tls.conf\" } }");
        Assert.Equal(_folder["shared", "ca.crt"], options.Tls.Authority);
        Assert.Equal(_folder["s"], options.StateFolder);
    }

    [Fact]
    public void Load_EveryKindOfValue_IsRead()
    {
        NodeOptions options = Load(Minimal + """
            cluster-transfer {
              hub { listen = "[::]:7000", address = "hub.example.net:7401" }
              api { listen = "[::1]:0", token-file = token }
              data { listen = "0.0.0.0:7402", advertise = ["a.example.net:7402", "[fd00::1]:7402", "192.0.2.7:1"] }
              data-plane { chunk-size = 8 MiB, connections = 8, session-window = 100 MB, handshake-timeout = 2 seconds }
              log.level = debug
            }
            """);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Any, 7000), options.Hub.Listen);
        Assert.Equal("hub.example.net:7401", options.Hub.Address);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 0), options.Api.Listen);
        Assert.Equal(_folder["token"], options.ApiTokenFile);
        Assert.Equal(["a.example.net:7402", "[fd00::1]:7402", "192.0.2.7:1"], options.Data.Advertise);
        Assert.Equal(8 * 1024 * 1024, options.DataPlane.ChunkSizeBytes);
        Assert.Equal(8, options.DataPlane.Connections);
        Assert.Equal(100_000_000, options.DataPlane.SessionWindowBytes);
        Assert.Equal(TimeSpan.FromSeconds(2), options.DataPlane.HandshakeTimeout);
        Assert.Equal(LogLevel.Debug, options.Log.Level);
    }

    [Fact]
    public void Load_Limits_AreRead()
    {
        DataPlaneOptions plane = Load(Minimal + """
            cluster-transfer.data-plane { limit = 20 MB, peer-limits { beta = 512KiB, gamma = unlimited, delta = 70000 } }
            """).DataPlane;
        Assert.Equal(20_000_000, plane.Limit);
        Assert.Equal([(new NodeId("beta"), 512 * 1024L), (new NodeId("delta"), 70_000L)], plane.PeerLimits.Select(peer => (peer.Key, peer.Value)));

        plane = Load(
            Minimal + "cluster-transfer.data-plane { limit = 20M, peer-limits { beta = 1M } }",
            new() { ["data-plane.limit"] = "unlimited" },
            new() { ["CT_DATA_PLANE_PEER_LIMITS"] = "gamma=2M, delta=3M" }).DataPlane;
        Assert.Null(plane.Limit);
        Assert.Equal([("delta", 3L << 20), ("gamma", 2L << 20)], plane.PeerLimits.Select(peer => (peer.Key.Value, peer.Value)).Order());
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-1", "-1")]
    [InlineData("none", "\"none\"")]
    [InlineData("fast", "\"fast\"")]
    [InlineData("null", "null")]
    [InlineData("63KiB", "\"63KiB\"")]
    [InlineData("2TiB", "\"2TiB\"")]
    public void Load_LimitThatIsNone_IsRefusedAndNeverUnlimited(string written, string shown)
    {
        const string Wanted = "want 64KiB to 1TiB a second, or unlimited, which is the word for no limit; got";
        string node = Assert.Single(Refused(Minimal + $"cluster-transfer.data-plane.limit = {written}").Problems);
        Assert.StartsWith($"data-plane.limit: {Wanted} {shown} ({ConfigFile}:", node, StringComparison.Ordinal);
        string peer = Assert.Single(Refused(Minimal + $"cluster-transfer.data-plane.peer-limits {{ beta = {written}, gamma = 1M }}").Problems);
        Assert.StartsWith($"data-plane.peer-limits.beta: want names of other nodes, each with {Wanted[5..]} {shown} (", peer, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PeerLimitOfItselfOrOfNoName_IsRefused()
    {
        Assert.StartsWith(
            "data-plane.peer-limits: want names of other nodes; got 'alpha', which is this node's own (",
            Assert.Single(Refused(Minimal + "cluster-transfer.data-plane.peer-limits.alpha = 1M").Problems), StringComparison.Ordinal);
        Assert.StartsWith("data-plane.peer-limits.Beta_1: want names", Assert.Single(Refused(Minimal + "cluster-transfer.data-plane.peer-limits.Beta_1 = 1M").Problems), StringComparison.Ordinal);
        Assert.StartsWith("data-plane.peer-limits: want names", Assert.Single(Refused(Minimal + "cluster-transfer.data-plane.peer-limits = 1M").Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_EnvironmentAndCommandLine_OverrideInThatOrder()
    {
        var environment = new Dictionary<string, string>
        {
            ["CT_API_LISTEN"] = "127.0.0.1:1",
            ["CT_DATA_LISTEN"] = "127.0.0.1:2",
            ["CT_DATA_ADVERTISE"] = "a:1, b:2",
            ["CT_LOG_LEVEL"] = string.Empty,
        };
        var overrides = new Dictionary<string, string>
        {
            ["api.listen"] = "127.0.0.1:3",
            ["cluster-transfer.transfers.chunk-retries"] = "2",
            ["locations.extra.folder"] = "/srv/extra",
            ["hub.address"] = "null",
        };
        NodeOptions options = Load(Minimal + "cluster-transfer { api.listen = \"127.0.0.1:9\", hub.address = \"h:1\", log.level = error }", overrides, environment);
        Assert.Equal(3, options.Api.Listen.Port);
        Assert.Equal(2, options.Data.Listen.Port);
        Assert.Equal(["a:1", "b:2"], options.Data.Advertise);
        Assert.Equal(LogLevel.Error, options.Log.Level);
        Assert.Equal(2, options.Transfers.ChunkRetries);
        Assert.Equal(new LocationName("extra"), Assert.Single(options.Locations).Name);
        Assert.Null(options.Hub.Address);
    }

    [Fact]
    public void Load_PathFromOutside_IsRelativeToTheCurrentFolder()
    {
        NodeOptions options = Load(Minimal, new() { ["node.state-folder"] = "here" });
        Assert.Equal(Path.GetFullPath("here"), options.StateFolder);
    }

    [Fact]
    public void Load_OwnVariableInSubstitution_IsAsked()
    {
        NodeOptions options = Load(Minimal + "cluster-transfer.log.level = ${?MY_LEVEL}", environment: new() { ["MY_LEVEL"] = "trace" });
        Assert.Equal(LogLevel.Trace, options.Log.Level);
    }

    [Fact]
    public void Load_ManyMistakes_ReportsAllOfThemWithKeyValueRangeAndOrigin()
    {
        NodeConfigurationException error = Refused("""
            cluster-transfer {
              node { name = Alpha }
              tls { authority = ca.crt, certificate = 1 }
              api.listen = "0.0.0.0:7400"
              data { listen = "0.0.0.0:7402", advertise = ["no-port"] }
              data-plane { chunk-size = 3MiB, conections = 4, ack-timeout = 2 fortnights }
              transfers { session-retry-min = 40s, chunk-retries = 0 }
              locations { X { folder = a }, data { readonly = yes } }
            }
            """);
        Assert.Equal(
            [
                $"data-plane.conections: is not known; is 'data-plane.connections' meant? ({ConfigFile}:6:48)",
                $"node.name: want 1 to 63 of a-z, 0-9 and '-', the name in this node's certificate; got \"Alpha\" ({ConfigFile}:2:17)",
                $"node.state-folder: is required: want a folder that is private to this node; got nothing ({ConfigFile}:1:18)",
                $"data.advertise: want a list of host:port, at most 16; got [\"no-port\"] ({ConfigFile}:5:47)",
                $"tls.key: is required: want a PEM file with this node's private key; got nothing ({ConfigFile}:1:18)",
                $"data-plane.ack-timeout: want 100ms to 10m; got \"2 fortnights\" ({ConfigFile}:6:65)",
                $"locations.X: want a name of 2 to 63 of a-z, 0-9 and '-', not starting or ending with '-' ({ConfigFile}:8:17)",
                $"locations.data.readonly: is not known; is 'locations.data.read-only' meant? ({ConfigFile}:8:51)",
                $"locations.data.folder: is required: want a folder; got nothing ({ConfigFile}:8:38)",
                $"api.listen: want a loopback address and port such as 127.0.0.1:7400 or [::1]:7400, port 0 for any free one; got 0.0.0.0:7400 ({ConfigFile}:4:16)",
                $"data-plane.chunk-size: want a power of two, 1MiB to 16MiB; got 3MiB ({ConfigFile}:6:29)",
                $"transfers.chunk-retries: want 1 to 100; got 0 ({ConfigFile}:7:56)",
                $"hub.address: want host:port of the hub, because hub.enabled is false; got null ({ConfigFile}:1:18)",
                $"transfers.session-retry-min: want at most transfers.session-retry-max (30s); got 40s ({ConfigFile}:7:35)",
            ],
            error.Problems);
        Assert.Equal(Reason.InvalidRequest, error.Reason);
        Assert.Contains("14 problems", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PoliciesOutOfRange_ReportsAllOfThemAtOnce()
    {
        NodeConfigurationException error = Refused(Minimal + """
            cluster-transfer.transfers {
              chunk-retry-min = 20s, chunk-retry-max = 5s
              bad-chunk-limit = 0, bad-chunk-decay = never, bad-chunk-decay-good = 1001, bad-chunk-decay-time = 10ms
            }
            """);

        Assert.Equal(
            [
                "transfers.bad-chunk-decay: want good, time or both; got \"never\"",
                "transfers.bad-chunk-limit: want 1 to 100; got 0",
                "transfers.bad-chunk-decay-good: want 1 to 1000; got 1001",
                "transfers.bad-chunk-decay-time: want 1s to 24h; got 10ms",
                "transfers.chunk-retry-min: want at most transfers.chunk-retry-max (5s); got 20s",
            ],
            error.Problems.Select(problem => problem[..problem.LastIndexOf(" (", StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("cluster-transfer.hub.listen = \"localhost:1\"", "hub.listen")]
    [InlineData("cluster-transfer.hub.listen = \"127.0.0.1\"", "hub.listen")]
    [InlineData("cluster-transfer.hub.listen = \"::1\"", "hub.listen")]
    [InlineData("cluster-transfer.hub.listen = \"127.0.0.1:70000\"", "hub.listen")]
    [InlineData("cluster-transfer.hub.address = \"h:0\"", "hub.address")]
    [InlineData("cluster-transfer.hub.address = \"a b:1\"", "hub.address")]
    [InlineData("cluster-transfer.hub.address = \"[h]:1\"", "hub.address")]
    [InlineData("cluster-transfer.hub.listen = \"127.0.0.1:7400\"", "hub.listen")]
    [InlineData("cluster-transfer.data { listen = \"0.0.0.0:7401\", advertise = [\"h:7401\"] }", "data.listen")]
    [InlineData("cluster-transfer.data.listen = \"[::]:9\"", "data.advertise")]
    [InlineData("cluster-transfer.data-plane { connections = 8, max-connections-per-peer = 4 }", "data-plane.connections")]
    [InlineData("cluster-transfer.data-plane { chunk-size = 16MiB, buffer-pool = 16MiB }", "data-plane.buffer-pool")]
    [InlineData("cluster-transfer.data-plane { chunk-size = 16MiB, session-window = 31MiB }", "data-plane.session-window")]
    [InlineData("cluster-transfer.data-plane.chunk-size = 8GiB", "data-plane.chunk-size")]
    [InlineData("cluster-transfer.data-plane.chunk-size = null", "data-plane.chunk-size")]
    [InlineData("cluster-transfer.data-plane.workers = 1.5", "data-plane.workers")]
    [InlineData("cluster-transfer.bus { reconnect-min = 5s, reconnect-max = 4s }", "bus.reconnect-min")]
    [InlineData("cluster-transfer.bus.reconnect-max = 200ms", "bus.reconnect-min")]
    [InlineData("cluster-transfer.log.level = loud", "log.level")]
    [InlineData("cluster-transfer.log = 5", "log")]
    [InlineData("cluster-transfer.logs.level = debug", "logs")]
    [InlineData("cluster-transfer.log.chunk-size = 1", "log.chunk-size")]
    [InlineData("cluster-transfer.locations.ab = /srv", "locations.ab")]
    [InlineData("cluster-transfer.locations.ab { folder = [] }", "locations.ab.folder")]
    [InlineData("cluster-transfer.locations.ab { folder = a, read-only = 1 }", "locations.ab.read-only")]
    [InlineData("cluster-transfer.locations.ab { folder = a, write-mode = Direct }", "locations.ab.write-mode")]
    [InlineData("cluster-tranfser.node.name = a", "cluster-tranfser")]
    public void Load_OneMistake_ReportsOnlyThat(string addition, string key)
    {
        NodeConfigurationException error = Refused(Minimal + addition);
        string problem = Assert.Single(error.Problems);
        Assert.StartsWith($"{key}: ", problem, StringComparison.Ordinal);
        Assert.Contains($"({ConfigFile}:6:", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MistakeInOverride_NamesWhereItCameFrom()
    {
        File.WriteAllText(ConfigFile, Minimal);
        NodeConfigurationException error = Assert.Throws<NodeConfigurationException>(() => NodeConfiguration.Load(
            ConfigFile,
            new Dictionary<string, string> { ["api.lisen"] = "x", ["a b"] = "1", ["\"x"] = "1" },
            name => name == "CT_DATA_PLANE_WORKERS" ? "many" : null));
        Assert.Contains(error.Problems, problem => problem == "api.lisen: is not known; is 'api.listen' meant? (command line api.lisen)");
        Assert.Contains(error.Problems, problem => problem == "data-plane.workers: want 1 to 64; got \"many\" (environment variable CT_DATA_PLANE_WORKERS)");
        Assert.Contains(error.Problems, problem => problem.StartsWith("\"x: is not a key", StringComparison.Ordinal));
        Assert.Equal(4, error.Problems.Count);
    }

    [Fact]
    public void Load_MalformedFile_NamesThePlace()
    {
        NodeConfigurationException error = Refused("cluster-transfer {\n  node { name = a\n");
        Assert.Contains($"{ConfigFile}:2:8: ", Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MissingFile_NamesIt()
    {
        NodeConfigurationException error = Assert.Throws<NodeConfigurationException>(() => NodeConfiguration.Load(ConfigFile));
        Assert.Contains(ConfigFile, Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SharedFileWithOwnVariables_AllowsOtherKeysAtTheTop()
    {
        NodeOptions options = Load("base = /srv\n" + Minimal + "cluster-transfer.locations.ab.folder = ${base}/ab");
        Assert.Equal("/srv/ab", Assert.Single(options.Locations).Folder);
    }

    private NodeOptions Load(string text, Dictionary<string, string>? overrides = null, Dictionary<string, string>? environment = null)
    {
        File.WriteAllText(ConfigFile, text);
        return NodeConfiguration.Load(ConfigFile, overrides, name => environment?.GetValueOrDefault(name));
    }

    private NodeConfigurationException Refused(string text) => Assert.Throws<NodeConfigurationException>(() => Load(text));
}
