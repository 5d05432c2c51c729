using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClusterTransfer.Benchmarks.Transfer.Processes;

namespace ClusterTransfer.Benchmarks.Transfer;

/// <summary>Where a program runs and how it is reached.</summary>
/// <param name="Address">An address of this machine that the other end reaches.</param>
/// <param name="Prefix">What runs a command there, such as <c>ip netns exec NAME</c>; empty for this very place.</param>
internal sealed record Place(string Address, params IReadOnlyList<string> Prefix)
{
    public static Place Loopback { get; } = new("127.0.0.1");
}

/// <summary>The two ends of a benchmark with the servers on them, and a private folder for their keys and configurations. All of it goes at the end.</summary>
internal sealed class Stage(string dataFolder, Place source, Place destination, string ct) : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clustertransfer-bench-");
    private readonly List<RunningProcess> _running = [];
    private readonly Dictionary<Type, object> _servers = [];

    /// <summary>What the source serves.</summary>
    public string DataFolder { get; } = dataFolder;

    public Place Source { get; } = source;

    public Place Destination { get; } = destination;

    /// <summary>The released <c>ct</c>.</summary>
    public string Ct { get; } = ct;

    /// <summary>A path in the private folder.</summary>
    public string File(params IReadOnlyList<string> parts) => Path.Combine([_folder.FullName, .. parts]);

    /// <summary>Makes a folder in the private folder.</summary>
    public string Folder(params IReadOnlyList<string> parts) => Directory.CreateDirectory(File(parts)).FullName;

    /// <summary>A server that several tools share: started by the first who asks.</summary>
    public async Task<T> ServerAsync<T>(Func<Task<T>> start)
        where T : class
    {
        if (!_servers.TryGetValue(typeof(T), out object? server))
        {
            _servers[typeof(T)] = server = await start();
        }

        return (T)server;
    }

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <exception cref="BenchmarkException">It ended, or did not listen in time.</exception>
    public async Task<RunningProcess> ServeAsync(Place place, Command command, int port, CancellationToken cancellationToken)
    {
        RunningProcess process = RunningProcess.Start(command.Behind(place.Prefix));
        _running.Add(process);
        string listening = string.Create(CultureInfo.InvariantCulture, $":{port:X4} 00000000:0000 0A ");
        await UntilAsync(process, () => Task.FromResult(IsIn(process.Id, listening)), cancellationToken);
        return process;
    }

    /// <summary>Waits for something that a process of ours is to bring about.</summary>
    /// <exception cref="BenchmarkException">It ended, or it took too long.</exception>
    public static async Task UntilAsync(RunningProcess process, Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (process.HasExited)
            {
                throw new BenchmarkException($"{process} ended with {await process.EndAsync(cancellationToken)} instead of starting: {process.Tail(5)}");
            }

            if (System.Diagnostics.Stopwatch.GetElapsedTime(began) > StartLimit)
            {
                throw new BenchmarkException($"{process} was not ready after {StartLimit.TotalSeconds:0} s: {process.Tail(5)}");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>A port that is free on loopback now; in a network of our own every port is.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RunningProcess process in _running)
        {
            await process.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    // The table of the process's own network, which need not be ours.
    private static bool IsIn(int process, string socket)
    {
        try
        {
            return System.IO.File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/net/tcp")).Contains(socket, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;   // It ended; whoever asks sees that next.
        }
    }
}
