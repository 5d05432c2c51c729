using System.Globalization;
using ClusterTransfer.Client;
using ClusterTransfer.Model;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>One node of a cluster as a process: started, killed, started again with the same configuration, asked by its API.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const int MaxRuns = 8;

    private readonly string _ct;
    private readonly List<ProcessRun> _runs = [];
    private int _started;
    private ClusterTransferClient? _client;

    public NodeProcess(string ct, string name, string folder, int apiPort)
    {
        _ct = ct;
        Name = name;
        Folder = folder;
        Address = $"http://127.0.0.1:{apiPort}";
    }

    public string Name { get; }

    /// <summary>Holds its configuration, its state and its locations.</summary>
    public string Folder { get; }

    public string StateFolder => Path.Combine(Folder, "state");

    /// <summary>Where its API listens.</summary>
    public string Address { get; }

    public string TokenFile => Path.Combine(StateFolder, "api-token");

    /// <summary>Every run of it, the newest last; of a node that was restarted very often only the last ones.</summary>
    public IReadOnlyList<ProcessRun> Runs => [.. _runs];

    /// <summary>More environment for runs that start from now on.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment { get; set; } = [];

    /// <summary>A program that runs the node, such as strace, and its arguments; empty for none.</summary>
    public IReadOnlyList<string> Wrapper { get; set; } = [];

    /// <summary>The newest run.</summary>
    public ProcessRun Run => _runs[^1];

    /// <summary>A client of its API; it survives restarts of the node.</summary>
    public ClusterTransferClient Client => _client ??= new ClusterTransferClient(
        new ClientOptions { Address = new Uri(Address), Token = File.ReadAllText(TokenFile).Trim(), ReconnectMax = TimeSpan.FromMilliseconds(250) });

    public void Start()
    {
        string[] command = [.. Wrapper, _ct, "node", "run", "--config", Path.Combine(Folder, "node.conf")];
        ProcessRun run = ProcessRun.Start($"node {Name}, run {++_started}", command[0], command[1..], [.. Environment]);
        if (_runs.Count == MaxRuns)
        {
            _runs.RemoveAt(0);
        }

        _runs.Add(run);
    }

    /// <summary>Waits until its API answers and it sees these nodes up.</summary>
    public Task ReadyAsync(params string[] nodes) => Patience.UntilAsync($"node {Name} is ready", Patience.Process, async () =>
    {
        if (Run.HasExited)
        {
            throw new ChaosException($"Node {Name} ended with {await Run.EndAsync(Patience.Process)} instead of starting.");
        }

        if (!File.Exists(TokenFile))
        {
            return false;
        }

        try
        {
            string[] up = [.. (await Client.NodesAsync(TestContext.Current.CancellationToken)).Where(node => node.State == "up").Select(node => node.Name.Value)];
            return nodes.All(up.Contains);
        }
        catch (ClusterTransferException)
        {
            return false;
        }
    });

    /// <summary>kill -9, and the proof that it was that.</summary>
    public async Task KillAsync()
    {
        Run.Kill();
        Assert.Equal(ProcessRun.KilledExitCode, await Run.EndAsync(Patience.Process));
    }

    /// <summary>Sends a signal by name, such as STOP.</summary>
    public Task SignalAsync(string signal) => ProcessRun.CallAsync("/bin/sh", "-c", $"kill -{signal} {Run.Id}");

    /// <summary>What it holds just now.</summary>
    public NodeUse Use() => new(OpenFiles().Count, StatusNumber("Threads:"), StatusNumber("VmRSS:") * 1024);

    /// <summary>Peak of its resident memory in bytes, as the kernel counts it.</summary>
    public long PeakResidentBytes() => StatusNumber("VmHWM:") * 1024;

    /// <summary>What its file descriptors stand for, as /proc shows them.</summary>
    public IReadOnlyList<string> OpenFiles() =>
        [.. new DirectoryInfo($"/proc/{Run.Id}/fd").EnumerateFileSystemInfos().Select(entry => entry.LinkTarget ?? string.Empty)];

    private long StatusNumber(string name)
    {
        string line = File.ReadLines($"/proc/{Run.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ProcessRun run in _runs)
        {
            await run.DisposeAsync();
        }

        _client?.Dispose();
    }
}

/// <summary>What a process holds.</summary>
/// <param name="Handles">Open descriptors.</param>
/// <param name="Threads">Threads.</param>
/// <param name="ResidentBytes">Memory.</param>
internal readonly record struct NodeUse(int Handles, long Threads, long ResidentBytes);
