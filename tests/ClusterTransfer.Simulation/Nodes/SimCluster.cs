using ClusterTransfer.Model;
using ClusterTransfer.Simulation.Network;
using ClusterTransfer.Simulation.World;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Sessions;

namespace ClusterTransfer.Simulation.Nodes;

/// <summary>A hub, a source and a destination, each possibly the same machine as another, with the real engine on each.</summary>
internal sealed class SimCluster : IDisposable
{
    private readonly SimDisk _disk;

    public SimCluster(int seed, string folder, string sources, bool verbose)
    {
        World = new SimWorld(seed, folder);
        IsVerbose = verbose;
        Folder = folder;
        Network = new SimNetwork(World) { IsVerbose = verbose, Rate = 2_000_000 * Math.Pow(20, World.Random.NextDouble()) };
        Bus = new SimBus(World);
        Id = new TransferId($"{seed:d16}"[^16..]);
        Hub = new HubStore(Id, World);
        _disk = new SimDisk(World);
        Sessions = new SessionOptions
        {
            Connections = 1 + World.Random.Next(4),
            ChunkSize = 1024 * 1024,
            WindowBytes = 1024 * 1024 * World.Random.Next(1, 5),
            CheckpointBytes = 1024 * 1024 * World.Random.Next(1, 4),
            CheckpointInterval = TimeSpan.FromMilliseconds(World.Random.Next(50, 1000)),
        };
        Directory.CreateDirectory(DestinationFolder);
        Directory.CreateDirectory(Canary);
        var from = new LocationOptions(new LocationName("src"), sources, ReadOnly: true);
        var to = new LocationOptions(new LocationName("dst"), Path.Combine(folder, "dst"), ReadOnly: false);

        // The hub is a machine of its own, or the source, or the destination.
        int shape = World.Random.Next(4);
        NodeId source = new("source");
        NodeId destination = new("target");
        Source = new SimNode(this, source, shape == 2, Path.Combine(folder, "source"), from);
        Destination = new SimNode(this, destination, shape == 3, Path.Combine(folder, "target"), to);
        HubNode = shape switch
        {
            2 => Source,
            3 => Destination,
            _ => new SimNode(this, new NodeId("hub"), isHub: true, Path.Combine(folder, "hub")),
        };
        Nodes = [.. new[] { HubNode, Source, Destination }.Distinct()];
        NativeCalls.Simulate(_disk);
    }

    public SimWorld World { get; }

    public SimNetwork Network { get; }

    public SimBus Bus { get; }

    public HubStore Hub { get; }

    public TransferId Id { get; }

    public SessionOptions Sessions { get; }

    /// <summary>Of the hub; nodes that start from now on have it.</summary>
    public CoordinationOptions Coordination { get; set; } = new() { KeepFailed = TimeSpan.FromHours(1) };   // every node looks at its clock twice a second

    public bool IsVerbose { get; }

    public string Folder { get; }

    public string DestinationFolder => Path.Combine(Folder, "dst", "in");

    /// <summary>A folder beside the location, which nothing may touch.</summary>
    public string Canary => Path.Combine(Folder, "canary");

    public SimNode HubNode { get; }

    public SimNode Source { get; }

    public SimNode Destination { get; }

    public IReadOnlyList<SimNode> Nodes { get; }

    /// <summary>Asked at each write of the transfer journal; true: it is not made, or nobody hears that it was.</summary>
    public Func<SimProcess, JournalMoment, bool>? JournalFault { get; set; }

    /// <summary>See <see cref="SimDisk.Free"/>.</summary>
    public Func<SimProcess, long?>? DiskFree
    {
        get => _disk.Free;
        set => _disk.Free = value;
    }

    public Func<SimProcess, NativeCall, NativeHandle, Errno>? DiskFault
    {
        get => _disk.Fault;
        set => _disk.Fault = value;
    }

    /// <summary>See <see cref="SimDisk.OpenFault"/>.</summary>
    public Func<SimProcess, Errno>? OpenFault
    {
        get => _disk.OpenFault;
        set => _disk.OpenFault = value;
    }

    /// <summary>How slow the disk of a node is, as a factor.</summary>
    public Dictionary<SimNode, double> DiskSlowness { get; } = [];

    public SimNode? NodeOf(SimProcess process) => Nodes.FirstOrDefault(node => node.Process == process);

    public TimeSpan WorkTime(SimNode node, string workers) =>
        World.Between(0.05, workers == "chunk" ? 6 : 3) * DiskSlowness.GetValueOrDefault(node, 1);

    public void Dispose()
    {
        foreach (SimNode node in Nodes)
        {
            node.Kill("the run is over");
        }

        Network.Close();
        NativeCalls.Simulate(null);
    }
}
