using System.Globalization;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>A cluster of real node processes on loopback, with an authority and folders of its own, gone at the end of the test.</summary>
/// <remarks>Location <c>src:</c> of node alpha is the shared source data, read-only; location <c>dst:</c> of node beta is empty. Data goes from alpha to beta through a
/// relay that counts.</remarks>
internal sealed class Cluster : IAsyncDisposable
{
    // Both as a node has them by default.
    private const int DefaultBytes = 64 << 20;

    private readonly TestFolder _folder = new();
    private readonly List<NodeProcess> _nodes = [];
    private readonly List<CopyRun> _copies = [];
    private readonly List<TransferFollower> _followers = [];
    private readonly string _ct;

    private Cluster(string ct, int checkpointBytes, int windowBytes)
    {
        _ct = ct;
        WindowBytes = windowBytes;
        CheckpointBytes = checkpointBytes;
    }

    /// <summary>The node that coordinates.</summary>
    public NodeProcess Hub { get; private set; } = null!;

    /// <summary>The node that reads.</summary>
    public NodeProcess Source { get; private set; } = null!;

    /// <summary>The node that writes.</summary>
    public NodeProcess Destination { get; private set; } = null!;

    /// <summary>Counts what goes from source to destination.</summary>
    public ByteRelay Relay { get; private set; } = null!;

    /// <summary>All of them.</summary>
    public IReadOnlyList<NodeProcess> Nodes => _nodes;

    /// <summary>The nodes' <c>transfers.checkpoint-bytes</c>.</summary>
    public int CheckpointBytes { get; }

    /// <summary>The nodes' <c>data-plane.session-window</c>.</summary>
    public int WindowBytes { get; }

    /// <summary>The folder behind <c>dst:</c>.</summary>
    public string DestinationFolder => Path.Combine(Destination.Folder, "data");

    /// <summary>Starts a cluster, plays the scenario on it, and adds what all processes said to a failure.</summary>
    /// <param name="hubApart">Whether the hub is a node of its own; otherwise it is the source, as in the quick start.</param>
    /// <param name="sourceFolder">What <c>src:</c> serves.</param>
    /// <param name="scenario">The test.</param>
    /// <param name="checkpointBytes">The nodes' <c>transfers.checkpoint-bytes</c>.</param>
    /// <param name="windowBytes">The nodes' <c>data-plane.session-window</c>.</param>
    public static async Task RunAsync(
        bool hubApart, string sourceFolder, Func<Cluster, Task> scenario, int checkpointBytes = DefaultBytes, int windowBytes = DefaultBytes)
    {
        await using var cluster = new Cluster(CtBinary.Find(), checkpointBytes, windowBytes);
        try
        {
            await cluster.StartAsync(hubApart, sourceFolder);
            await scenario(cluster);
        }
        catch (Exception error)
        {
            throw new ChaosException($"{error.Message}\n{cluster.Report()}", error);
        }
    }

    /// <summary>Starts <c>ct cp</c> against a node and follows the transfer by another; returns when the transfer is accepted.</summary>
    /// <param name="source">Name in <c>src:</c>.</param>
    /// <param name="client">The node that the client talks to.</param>
    /// <param name="observer">The node by which the test follows.</param>
    /// <param name="options">More arguments for <c>ct cp</c>.</param>
    public async Task<(CopyRun Copy, TransferFollower Transfer)> CopyAsync(string source, NodeProcess client, NodeProcess observer, params string[] options)
    {
        string[] known = [.. (await ListAsync()).Select(transfer => transfer.Id.Value)];
        var copy = new CopyRun(_ct, client, $"src:{source}", "dst:in", options);
        _copies.Add(copy);
        TransferResource? accepted = null;
        await Patience.UntilAsync("the transfer is accepted", Patience.Process, async () =>
        {
            accepted = (await ListAsync()).FirstOrDefault(transfer => !known.Contains(transfer.Id.Value));
            return accepted is not null || copy.Run.HasExited;
        });
        var follower = new TransferFollower(
            observer, accepted?.Id ?? throw new ChaosException($"ct cp ended before its transfer began:\n{copy.Run.Tail(20)}"));
        _followers.Add(follower);
        return (copy, follower);
    }

    /// <summary>Starts a node again and waits until it has found the others that are up.</summary>
    public async Task RestartAsync(NodeProcess node)
    {
        node.Start();
        await node.ReadyAsync([.. _nodes.Where(other => !other.Run.HasExited).Select(other => other.Name)]);
    }

    /// <summary>Waits until every node answers and sees all others.</summary>
    public async Task ReadyAsync()
    {
        foreach (NodeProcess node in _nodes)
        {
            await node.ReadyAsync([.. _nodes.Select(other => other.Name)]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TransferFollower follower in _followers)
        {
            await follower.DisposeAsync();
        }

        foreach (CopyRun copy in _copies)
        {
            await copy.DisposeAsync();
        }

        foreach (NodeProcess node in _nodes)
        {
            await node.DisposeAsync();
        }

        if (Relay is not null)
        {
            await Relay.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task<IReadOnlyList<TransferResource>> ListAsync()
    {
        TransferPage page = await Hub.Client.ListPageAsync(null, null, 50, TestContext.Current.CancellationToken);
        return page.Items;
    }

    private async Task StartAsync(bool hubApart, string sourceFolder)
    {
        int hubPort = FreePorts.Take();
        int dataPort = FreePorts.Take();
        int relayPort = FreePorts.Take();
        Relay = new ByteRelay(relayPort, dataPort);
        await ProcessRun.CallAsync(_ct, "pki", "init", "--out", _folder["pki"], "--name", "chaos");
        string source = $"src {{ folder = {NodeSettings.Quote(sourceFolder)}, read-only = true }}";
        Source = await AddAsync("alpha", hubPort, isHub: !hubApart, FreePorts.Take(), null, source);
        Destination = await AddAsync("beta", hubPort, isHub: false, dataPort, relayPort, "dst { folder = data }");
        Hub = hubApart ? await AddAsync("hub", hubPort, isHub: true, FreePorts.Take(), null, "") : Source;
        Hub.Start();
        foreach (NodeProcess node in _nodes.Where(node => node != Hub))
        {
            node.Start();
        }

        await ReadyAsync();
    }

    private async Task<NodeProcess> AddAsync(string name, int hubPort, bool isHub, int dataPort, int? relayPort, string locations)
    {
        string folder = _folder.Create(name);
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        await ProcessRun.CallAsync(_ct, "pki", "issue", name, "--authority", _folder["pki"], "--out", folder, "--host", "127.0.0.1");
        var settings = new NodeSettings
        {
            Name = name,
            HubPort = hubPort,
            IsHub = isHub,
            ApiPort = FreePorts.Take(),
            DataPort = dataPort,
            Advertise = relayPort is null ? null : string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{relayPort}"),
            Locations = locations,
            CheckpointBytes = CheckpointBytes,
            WindowBytes = WindowBytes,
        };
        await File.WriteAllTextAsync(Path.Combine(folder, "node.conf"), settings.Render());
        var node = new NodeProcess(_ct, name, folder, settings.ApiPort);
        _nodes.Add(node);
        return node;
    }

    private string Report()
    {
        var text = new StringBuilder();
        foreach (TransferFollower follower in _followers)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"---- transfer {follower.Id}").AppendLine(follower.Story());
        }

        foreach (CopyRun copy in _copies)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"---- {copy.Run.Title}").AppendLine(copy.Run.Tail(40));
        }

        foreach (ProcessRun run in _nodes.SelectMany(node => node.Runs))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"---- {run.Title} (process {run.Id})").AppendLine(run.Tail(60));
        }

        return text.ToString();
    }
}
