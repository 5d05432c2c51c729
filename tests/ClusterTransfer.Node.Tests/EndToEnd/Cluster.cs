using System.Net;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Configuration;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.TestKit;
using ClusterTransfer.TestKit.Proxy;
using ClusterTransfer.Transport.Identity;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Two real nodes in this process, on loopback and ports the system chose: alpha, the hub, serves <c>src</c>; beta serves <c>dst</c> and the read-only <c>shelf</c>.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private const int HubConnectedEvent = 7010;
    private const int BusEvent = 7012;
    public const int ChunkSize = 1024 * 1024;

    private readonly ClusterSetup _setup;

    private Cluster(ClusterSetup setup) => _setup = setup;

    public TestFolder Folder { get; } = new();

    /// <summary>Folder of location <c>src</c> at alpha.</summary>
    public string Source { get; private set; } = string.Empty;

    /// <summary>Folder of location <c>dst</c> at beta.</summary>
    public string Target { get; private set; } = string.Empty;

    public NodeHost Alpha { get; private set; } = null!;

    public NodeHost Beta { get; private set; } = null!;

    public NodeLogs AlphaLogs { get; private set; } = null!;

    public NodeLogs BetaLogs { get; private set; } = null!;

    /// <summary>Before beta's data port, when the setup asked for it.</summary>
    public FrameProxy Proxy { get; private set; } = null!;

    /// <summary>Talks to alpha.</summary>
    public ClusterTransferClient Client { get; private set; } = null!;

    public string AlphaToken => File.ReadAllText(Folder["alpha", "api-token"]).Trim();

    public string BetaToken => File.ReadAllText(Folder["beta", "api-token"]).Trim();

    public string Authority => Folder["pki"];

    public string ForeignAuthority => Folder["foreign-pki"];

    public static async Task<Cluster> StartAsync(ClusterSetup? setup = null)
    {
        var cluster = new Cluster(setup ?? new ClusterSetup());
        try
        {
            await cluster.StartNodesAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Shows the nodes' logs with the test that calls it, when that fails.</summary>
    public void ShowLogs() => AlphaLogs.Output = BetaLogs.Output = TestContext.Current.TestOutputHelper;

    /// <summary>Certificate and key of a node of this cluster.</summary>
    public (string Certificate, string Key) Issue(string node) => Issue(node, Authority, "tls");

    /// <summary>Certificate and key of a node of another cluster, whatever name it gives itself.</summary>
    public (string Certificate, string Key) IssueForeign(string node)
    {
        if (!Directory.Exists(ForeignAuthority))
        {
            ClusterAuthority.Create(ForeignAuthority, "foreign", TimeProvider.System);
        }

        return Issue(node, ForeignAuthority, "foreign-tls");
    }

    private (string Certificate, string Key) Issue(string node, string authority, string folder)
    {
        IssuedFiles files = ClusterAuthority.Issue(authority, new NodeId(node), [], Folder[folder], TimeProvider.System);
        return (files.CertificateFile, files.KeyFile);
    }

    public NodeOptions OptionsOf(string node, string? authority = null) => new()
    {
        Name = new NodeId(node),
        StateFolder = Folder[node],
        Tls = new TlsOptions(Path.Combine(authority ?? Authority, "ca.crt"), Folder["tls", $"{node}.crt"], Folder["tls", $"{node}.key"]),
        Api = new ApiOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
        Data = new DataOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
        Hub = new HubOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Address = Alpha?.HubEndPoint?.ToString() },
        DataPlane = new DataPlaneOptions { ChunkSizeBytes = ChunkSize, Workers = 2 },

        // A test waits for events; shorter intervals let them come sooner.
        Transfers = new TransferOptions
        {
            CheckpointInterval = TimeSpan.FromMilliseconds(50),
            ProgressInterval = TimeSpan.FromMilliseconds(100),
            ChunkRetryMin = TimeSpan.FromMilliseconds(10),
            ChunkRetryMax = TimeSpan.FromMilliseconds(50),
            DrainLimit = TimeSpan.FromMilliseconds(200),
            SessionRetryMin = TimeSpan.FromMilliseconds(10),
            SessionRetryMax = TimeSpan.FromMilliseconds(200),
        },
        Bus = new BusOptions { ReconnectMin = TimeSpan.FromMilliseconds(10), ReconnectMax = TimeSpan.FromMilliseconds(200) },
    };

    public async Task StartBetaAsync()
    {
        BetaLogs = new NodeLogs("beta ");
        NodeOptions options = OptionsOf("beta") with
        {
            Locations =
            [
                new LocationEntry(new LocationName("dst"), Target),
                new LocationEntry(new LocationName("shelf"), Folder["shelf"]) { ReadOnly = true },
            ],
        };
        if (_setup.WithProxy)
        {
            options = options with { Data = options.Data with { Advertise = [Proxy.Address] } };
        }

        Beta = await NodeHost.StartAsync(_setup.Beta(options), BetaLogs, TimeProvider.System, CancellationToken.None);
        if (_setup.WithProxy)
        {
            Proxy.Upstream = Beta.DataEndPoint;
        }

        await BetaLogs.HasAsync(HubConnectedEvent);
    }

    public async Task StopBetaAsync()
    {
        await Beta.DisposeAsync();
        await AlphaLogs.HasAsync(BusEvent, line => line.Contains("LinkDown beta", StringComparison.Ordinal));
    }

    /// <summary>Completes when the destination keeps nothing of any transfer but of those before; it clears up once the hub has recorded the end.</summary>
    public Task NothingStagedAsync(params string[] before)
    {
        return ClearedAsync().WithinDeadline();

        async Task ClearedAsync()
        {
            using var watcher = new FileSystemWatcher(Path.Combine(Target, ".clustertransfer")) { IncludeSubdirectories = true };
            var changed = new SemaphoreSlim(0);
            watcher.Deleted += (_, _) => changed.Release();
            watcher.EnableRaisingEvents = true;
            while (Files.Staged(Target).Except(before).Any())
            {
                await changed.WaitAsync();
            }
        }
    }

    /// <summary>A client of a node's API.</summary>
    public static ClusterTransferClient ClientOf(NodeHost node, string token) => new(new ClientOptions { Address = node.ApiAddress, Token = token });

    public Task<TransferResource> SubmitAsync(string source, string destination, int? connections = null, ConflictPolicy conflict = ConflictPolicy.Fail) =>
        Client.SubmitAsync(new SubmitTransfer { Source = source, Destination = destination, Connections = connections, Conflict = conflict }).WithinDeadline();

    /// <summary>Submits and waits for the end.</summary>
    public async Task<TransferResource> CopyAsync(string source, string destination, int? connections = null, ConflictPolicy conflict = ConflictPolicy.Fail) =>
        await EndOfAsync((await SubmitAsync(source, destination, connections, conflict)).Id);

    public async Task<TransferResource> EndOfAsync(TransferId id)
    {
        await Client.WaitAsync(id).WithinDeadline();

        // The event of the end may be older than what the coordinator learned since.
        return await Client.GetAsync(id.Value).WithinDeadline();
    }

    /// <summary>Waits for an event of the transfer, progress included.</summary>
    public Task<TransferEvent> EventAsync(TransferId id, Func<TransferEvent, bool> wanted)
    {
        return FindAsync().WithinDeadline();

        async Task<TransferEvent> FindAsync()
        {
            await foreach (TransferEvent item in Client.WatchAsync(id))
            {
                if (wanted(item))
                {
                    return item;
                }
            }

            throw new InvalidOperationException("The transfer ended without that event.");
        }
    }

    /// <summary>The stored events of a transfer that has ended.</summary>
    public Task<List<TransferEvent>> StoryAsync(TransferId id)
    {
        return ReadAsync().WithinDeadline();

        async Task<List<TransferEvent>> ReadAsync()
        {
            var story = new List<TransferEvent>();
            await foreach (TransferEvent item in Client.WatchAsync(id))
            {
                if (item.Sequence > 0)
                {
                    story.Add(item);
                }
            }

            return story;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Proxy is not null)
        {
            await Proxy.DisposeAsync();
        }

        if (Beta is not null)
        {
            await Beta.DisposeAsync();
        }

        if (Alpha is not null)
        {
            await Alpha.DisposeAsync();
        }

        Folder.Dispose();
    }

    private async Task StartNodesAsync()
    {
        Source = Folder.Create("source");
        Target = Folder.Create("target");
        Folder.Create("shelf");
        ClusterAuthority.Create(Authority, "test", TimeProvider.System);
        (string Certificate, string Key) alpha = Issue("alpha");
        (string Certificate, string Key) beta = Issue("beta");
        if (_setup.WithProxy)
        {
            Proxy = new FrameProxy(_setup.ProxyShowsAlpha?.Invoke(this) ?? beta, _setup.ProxyShowsBeta?.Invoke(this) ?? alpha);
        }

        AlphaLogs = new NodeLogs("alpha");
        NodeOptions options = OptionsOf("alpha");
        options = options with
        {
            Hub = options.Hub with { Enabled = true },
            Locations = [new LocationEntry(new LocationName("src"), Source)],
        };
        if (_setup.WithProxyBeforeAlpha)
        {
            Proxy = new FrameProxy(alpha, beta);
            options = options with { Data = options.Data with { Advertise = [Proxy.Address] } };
        }

        Alpha = await NodeHost.StartAsync(_setup.Alpha(options), AlphaLogs, TimeProvider.System, CancellationToken.None);
        Proxy?.Upstream = Alpha.DataEndPoint;
        Client = ClientOf(Alpha, AlphaToken);
        await StartBetaAsync();
    }
}
