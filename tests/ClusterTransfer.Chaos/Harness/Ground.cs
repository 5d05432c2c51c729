using System.Globalization;
using System.Text;
using ClusterTransfer.Chaos.Faults;
using ClusterTransfer.Chaos.Invariants;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>How a <see cref="Ground"/> is laid out.</summary>
internal sealed record GroundSettings
{
    /// <summary>Whether the hub is a node of its own; otherwise it is the source.</summary>
    public bool HubApart { get; init; }

    /// <summary>How many destinations: so many rounds run side by side.</summary>
    public int Destinations { get; init; } = 1;

    /// <summary>Nodes with fail points instead of the released ones.</summary>
    public bool WithFaultPoints { get; init; }

    /// <summary>Destinations under the preload shim.</summary>
    public bool WithShim { get; init; }

    /// <summary>The nodes' <c>transfers.checkpoint-bytes</c>.</summary>
    public int CheckpointBytes { get; init; } = 4 << 20;

    /// <summary>The nodes' <c>data-plane.session-window</c>.</summary>
    public int WindowBytes { get; init; } = 8 << 20;

    /// <summary>Where others dial a destination for data, given its number and its own port; null for the counting relay.</summary>
    public Func<int, int, string, string>? Advertise { get; init; }

    /// <summary>More configuration for every node.</summary>
    public string More { get; init; } = "";

    /// <summary>Puts something under a destination's folder of data before its node starts; gets the folder, and is undone after the node's end.</summary>
    public Func<string, IDisposable?>? DataOn { get; init; }

    /// <summary>Whether nodes that end are started again.</summary>
    public bool Supervised { get; init; } = true;
}

/// <summary>A cluster for many rounds of faults: one source, several destinations, real processes, each of them started again when it dies.</summary>
/// <remarks>Its source location is <c>src:</c>, the destinations' are <c>dst1:</c>, <c>dst2:</c> and so on. Retries come soon, so that a round is short.</remarks>
internal sealed class Ground : IAsyncDisposable
{
    private const string Fast = """
          transfers { session-retry-min = 100ms, session-retry-max = 1s, space-retry = 1s, checkpoint-interval = 250ms }
          data-plane { chunk-size = 1MiB }
          bus { reconnect-min = 50ms, reconnect-max = 250ms }
        """;

    private readonly TestFolder _folder = new();
    private readonly List<Lane> _lanes = [];
    private readonly List<IDisposable> _disks = [];
    private readonly List<NodeProcess> _rivals = [];
    private Canary? _canary;
    private string _ct = "";
    private int _hubPort;
    private int _rounds;

    private Ground(GroundSettings settings) => Settings = settings;

    public GroundSettings Settings { get; }

    /// <summary>The node that coordinates.</summary>
    public Lane Hub { get; private set; } = null!;

    /// <summary>The node that reads.</summary>
    public Lane Source { get; private set; } = null!;

    /// <summary>The nodes that write.</summary>
    public IReadOnlyList<Lane> Destinations { get; private set; } = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<Lane> Lanes => _lanes;

    /// <summary>The folder behind <c>src:</c>.</summary>
    public string SourceFolder => _folder["source"];

    /// <summary>A folder for what a scenario keeps beside the nodes.</summary>
    public string Folder => _folder.Path;

    /// <summary>Starts it, plays the scenario, and checks what must hold at its end whatever happened; adds what all processes said to a failure.</summary>
    public static async Task RunAsync(GroundSettings settings, Func<Ground, Task> scenario)
    {
        await using var ground = new Ground(settings);
        try
        {
            await ground.StartAsync();
            await scenario(ground);
            string[] violations = [.. ground._canary!.Violations()];
            if (violations.Length > 0)
            {
                throw new ChaosException(string.Join('\n', violations));
            }
        }
        catch (Exception error) when (error is not (ChaosException { IsReported: true } or Scenarios.MissingToolException))
        {
            throw new ChaosException($"{error.Message}\n{ground.Report()}", error) { IsReported = true };
        }
    }

    /// <summary>A number for the next round, which is also the name of its folder at the destination.</summary>
    public int NextRound() => Interlocked.Increment(ref _rounds);

    public async ValueTask DisposeAsync()
    {
        foreach (Lane lane in _lanes)
        {
            await lane.DisposeAsync();
        }

        foreach (NodeProcess rival in _rivals)
        {
            await rival.DisposeAsync();
        }

        _disks.ForEach(disk => disk.Dispose());
        _folder.Dispose();
    }

    /// <summary>Waits until every node answers and sees all others.</summary>
    public async Task ReadyAsync()
    {
        foreach (Lane lane in _lanes)
        {
            await lane.Node.ReadyAsync([.. _lanes.Select(other => other.Node.Name)]);
        }
    }

    /// <summary>Another node, not started: with a certificate of its own, for a location that a destination has.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="like">Whose location.</param>
    /// <param name="dataFolder">The location's folder there.</param>
    /// <param name="findsHub">Whether it is told where the hub is.</param>
    public async Task<NodeProcess> AddRivalAsync(string name, Lane like, string dataFolder, bool findsHub)
    {
        string folder = _folder.Create(name);
        await ProcessRun.CallAsync(_ct, "pki", "issue", name, "--authority", _folder["pki"], "--out", folder, "--host", "127.0.0.1");
        var settings = new NodeSettings
        {
            Name = name,
            HubPort = findsHub ? _hubPort : FreePorts.Take(),
            IsHub = false,
            ApiPort = FreePorts.Take(),
            DataPort = FreePorts.Take(),
            Locations = $"{like.Location} {{ folder = {NodeSettings.Quote(dataFolder)} }}",
            CheckpointBytes = Settings.CheckpointBytes,
            WindowBytes = Settings.WindowBytes,
            More = Fast + "\n" + Settings.More,
        };
        await File.WriteAllTextAsync(Path.Combine(folder, "node.conf"), settings.Render());
        var rival = new NodeProcess(_ct, name, folder, settings.ApiPort);
        _rivals.Add(rival);
        return rival;
    }

    private async Task StartAsync()
    {
        string ct = _ct = Settings.WithFaultPoints ? CtBinary.FindWithFaultPoints() : CtBinary.Find();
        int hubPort = _hubPort = FreePorts.Take();
        _folder.Create("source");
        await ProcessRun.CallAsync(ct, "pki", "init", "--out", _folder["pki"], "--name", "chaos");
        Source = await AddAsync(ct, "alpha", hubPort, isHub: !Settings.HubApart, number: 0);
        Hub = Settings.HubApart ? await AddAsync(ct, "hub", hubPort, isHub: true, number: -1) : Source;
        var destinations = new List<Lane>();
        for (int number = 1; number <= Settings.Destinations; number++)
        {
            destinations.Add(await AddAsync(ct, $"beta{number}", hubPort, isHub: false, number));
        }

        Destinations = destinations;
        _canary = new Canary([SourceFolder, .. destinations.Select(lane => lane.DataFolder)]);
        foreach (Lane lane in _lanes)
        {
            lane.Node.Start();
            if (Settings.Supervised)
            {
                lane.Supervise();
            }
        }

        await ReadyAsync();
    }

    private async Task<Lane> AddAsync(string ct, string name, int hubPort, bool isHub, int number)
    {
        string folder = _folder.Create(name);
        string data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        if (number > 0 && Settings.DataOn?.Invoke(data) is { } disk)
        {
            _disks.Add(disk);
        }

        await ProcessRun.CallAsync(ct, "pki", "issue", name, "--authority", _folder["pki"], "--out", folder, "--host", "127.0.0.1");
        int dataPort = FreePorts.Take();
        ByteRelay? relay = null;
        string? advertise = null;
        if (number > 0)
        {
            if (Settings.Advertise is not null)
            {
                advertise = Settings.Advertise(number, dataPort, folder);
            }
            else
            {
                int relayPort = FreePorts.Take();
                relay = new ByteRelay(relayPort, dataPort);
                advertise = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{relayPort}");
            }
        }

        string location = number > 0 ? string.Create(CultureInfo.InvariantCulture, $"dst{number}") : "";
        var settings = new NodeSettings
        {
            Name = name,
            HubPort = hubPort,
            IsHub = isHub,
            ApiPort = FreePorts.Take(),
            DataPort = dataPort,
            Advertise = advertise,
            Locations = number switch
            {
                0 => $"src {{ folder = {NodeSettings.Quote(SourceFolder)}, read-only = true }}",
                > 0 => $"{location} {{ folder = data }}",
                _ => "",
            },
            CheckpointBytes = Settings.CheckpointBytes,
            WindowBytes = Settings.WindowBytes,
            More = Fast + "\n" + Settings.More,
        };
        await File.WriteAllTextAsync(Path.Combine(folder, "node.conf"), settings.Render());
        var node = new NodeProcess(ct, name, folder, settings.ApiPort);
        ShimControl? shim = Settings.WithShim && number > 0 ? new ShimControl(Path.Combine(folder, "shim"), data) : null;
        PointFaults? points = Settings.WithFaultPoints ? new PointFaults(folder) : null;
        node.Environment = [.. shim?.Environment() ?? [], .. points?.Environment ?? []];
        var lane = new Lane(node, data, shim, points) { Location = location, DataPort = dataPort, Relay = relay };
        _lanes.Add(lane);
        return lane;
    }

    private string Report()
    {
        var text = new StringBuilder();
        foreach (ProcessRun run in _lanes.Select(lane => lane.Node).Concat(_rivals).SelectMany(node => node.Runs.TakeLast(3)))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"---- {run.Title} (process {run.Id})").AppendLine(run.Tail(40));
        }

        return text.ToString();
    }
}
