using System.Globalization;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Servers;

namespace ClusterTransfer.Benchmarks.Transfer.Networks;

/// <summary>Two network namespaces joined by a wide-area link that this program plays: it needs no kernel module for that, but root.</summary>
internal sealed class WanNetwork : INetwork
{
    private const string Device = "wan0";
    private const string SourceAddress = "10.77.1.1";
    private const string DestinationAddress = "10.77.1.2";

    private readonly string[] _names = [.. "ab".Select(end => string.Create(CultureInfo.InvariantCulture, $"ctbench-{Environment.ProcessId}-{end}"))];
    private readonly WanSettings _settings;
    private readonly List<TunDevice> _devices = [];
    private readonly List<WanDirection> _directions = [];

    private WanNetwork(WanSettings settings) => _settings = settings;

    public Place Source => new(SourceAddress, "ip", "netns", "exec", _names[0]);

    public Place Destination => new(DestinationAddress, "ip", "netns", "exec", _names[1]);

    public string Description => string.Create(CultureInfo.InvariantCulture,
        $"a link of {_settings.BitsPerSecond / 1e6:0} Mbit/s with {2 * _settings.Delay.TotalMilliseconds:0} ms of round trip, {_settings.LossPercent:0.##} % of the packets lost, a queue of {_settings.QueueBytes / 1000:0} kB");

    public bool IsLocal => false;

    /// <summary>What came of the packets, for the person who waits.</summary>
    public string Counters => string.Join("; ", _directions.Select(direction => string.Create(CultureInfo.InvariantCulture,
        $"{direction.Shaper.Passed} packets passed, {direction.Shaper.Lost} lost, {direction.Shaper.Dropped} dropped by the full queue")));

    /// <summary>Makes it.</summary>
    /// <exception cref="BenchmarkException">Not root, or no <c>ip</c>.</exception>
    public static async Task<INetwork> MakeAsync(WanSettings settings, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess || Programs.Find("ip") is null || !File.Exists("/dev/net/tun"))
        {
            throw new BenchmarkException("a wide-area link takes root, /dev/net/tun and the command ip (apt-get install iproute2)");
        }

        var network = new WanNetwork(settings);
        try
        {
            await network.ConnectAsync(cancellationToken);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WanDirection direction in _directions)
        {
            direction.Stop();
        }

        foreach (TunDevice device in _devices)
        {
            device.Dispose();
        }

        foreach (string name in _names.Where(name => File.Exists(FileOf(name))))
        {
            await IpAsync(CancellationToken.None, "netns", "del", name);
        }
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        foreach (string name in _names)
        {
            await IpAsync(cancellationToken, "netns", "add", name);
            _devices.Add(await MakeDeviceAsync(FileOf(name)));
        }

        foreach ((string name, string address) in _names.Zip([SourceAddress, DestinationAddress]))
        {
            await IpAsync(cancellationToken, "-n", name, "link", "set", "lo", "up");
            await IpAsync(cancellationToken, "-n", name, "link", "set", Device, "mtu", "1500", "txqueuelen", "10000");
            await IpAsync(cancellationToken, "-n", name, "addr", "add", address + "/24", "dev", Device);
            await IpAsync(cancellationToken, "-n", name, "link", "set", Device, "up");
        }

        _directions.Add(new WanDirection(_devices[0], _devices[1], new WanShaper(_settings, seed: 1)));
        _directions.Add(new WanDirection(_devices[1], _devices[0], new WanShaper(_settings, seed: 2)));
    }

    // On a thread of its own, which takes the namespace with it when it ends.
    private static Task<TunDevice> MakeDeviceAsync(string networkFile)
    {
        var made = new TaskCompletionSource<TunDevice>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                made.SetResult(TunDevice.Make(networkFile, Device));
            }
            catch (Exception error)
            {
                made.SetException(error);
            }
        });
        thread.Start();
        return made.Task;
    }

    private static string FileOf(string name) => Path.Combine("/var/run/netns", name);

    private static Task<string> IpAsync(CancellationToken cancellationToken, params string[] arguments) => RunningProcess.CallAsync(new Command("ip", arguments), cancellationToken);
}
