using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Simulation.Network;
using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Simulation.World;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Faults;

/// <summary>Where faults wait for their moment: each armed fault sees every frame, call, message, dial and write of its kind until the storm is over.</summary>
internal sealed class FaultDesk
{
    private readonly List<FrameHook> _frames = [];
    private readonly List<FrameHook> _frameWatchers = [];
    private readonly List<DiskHook> _callWatchers = [];
    private readonly List<DiskHook> _calls = [];
    private readonly Dictionary<SimNode, TimeSpan> _fullUntil = [];
    private readonly List<Func<SimProcess, JournalMoment, bool>> _writes = [];
    private readonly List<Func<SimProcess, SimProcess, BusMessage, BusFate?>> _messages = [];
    private readonly List<Func<SimProcess, NodeId, DialFate?>> _dials = [];

    public FaultDesk(SimCluster cluster, SimUser user)
    {
        Cluster = cluster;
        User = user;
        cluster.Network.OnFrame = (link, from, frame) =>
        {
            HasArrived |= frame.Header.Type == FrameType.Ack;
            _frameWatchers.ForEach(watcher => watcher(link, from, frame));
            return !IsOver && _frames.ToArray().Any(hook => hook(link, from, frame));
        };
        cluster.Network.OnDial = (process, peer) => Ask(_dials, hook => hook(process, peer)) ?? DialFate.Connects;
        cluster.Bus.OnMessage = (from, to, message) => Ask(_messages, hook => hook(from, to, message)) ?? BusFate.Fair;
        cluster.JournalFault = (process, moment) => !IsOver && _writes.ToArray().Any(hook => hook(process, moment));
        cluster.DiskFree = process => !IsOver && cluster.NodeOf(process) is { } node && World.Time.Elapsed < _fullUntil.GetValueOrDefault(node) ? 0 : null;
        cluster.DiskFault = (process, call, handle) =>
        {
            if (cluster.NodeOf(process) is not { } node)
            {
                return Errno.None;
            }

            _callWatchers.ForEach(watcher => watcher(node, call, handle));
            return Ask(_calls, hook => hook(node, call, handle) is var errno && errno != Errno.None ? errno : (Errno?)null) ?? Errno.None;
        };
    }

    /// <summary>Sees a frame before it leaves; true: has dealt with it.</summary>
    public delegate bool FrameHook(SimLink link, SimEnd from, SimFrame frame);

    /// <summary>Sees a call before it is made; an error is its result.</summary>
    public delegate Errno DiskHook(SimNode node, NativeCall call, NativeHandle handle);

    public SimCluster Cluster { get; }

    public SimUser User { get; }

    public SimWorld World => Cluster.World;

    public Random Random => World.Random;

    /// <summary>The storm is over: nothing fires any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Faults that had their effect, by row.</summary>
    public Dictionary<string, int> Fired { get; } = [];

    /// <summary>Whether something happened after which another end than Completed may be right.</summary>
    public bool MayEndOtherwise { get; set; }

    /// <summary>Whether the source could not be asked for so long that the coordinator may end without its report.</summary>
    public bool MayMissReport { get; set; }

    /// <summary>Whether only processes were killed, stopped and started: then what is sent again has a bound.</summary>
    public bool OnlyKills => Fired.Keys.All(row => row is "P1" or "P2" or "P3" or "P4" or "K6" or "R1");

    /// <summary>Whether the destination has said that a chunk arrived: from then on a disk that runs full is waited for.</summary>
    public bool HasArrived { get; private set; }

    /// <summary>Whether something happened after which durable chunks may be gone.</summary>
    public bool MayLoseDurable { get; set; }

    public void Fire(string row, string what)
    {
        Fired[row] = Fired.GetValueOrDefault(row) + 1;
        World.Story.Tell("FAULT", $"{row}: {what}");
    }

    public void OnFrame(FrameHook hook) => _frames.Add(hook);

    public void OnCall(DiskHook hook) => _calls.Add(hook);

    /// <summary>A node's disk says that nothing is free until then, or until the storm is over.</summary>
    public void FullUntil(SimNode node, TimeSpan until) => _fullUntil[node] = until;

    /// <summary>Sees every frame, also after the storm; changes nothing.</summary>
    public void OnFrameAlways(FrameHook watcher) => _frameWatchers.Add(watcher);

    /// <summary>Sees every call, also after the storm; changes nothing.</summary>
    public void OnCallAlways(DiskHook watcher) => _callWatchers.Add(watcher);

    public void OnWrite(Func<SimProcess, JournalMoment, bool> hook) => _writes.Add(hook);

    public void OnMessage(Func<SimProcess, SimProcess, BusMessage, BusFate?> hook) => _messages.Add(hook);

    public void OnDial(Func<SimProcess, NodeId, DialFate?> hook) => _dials.Add(hook);

    /// <summary>At a moment after now, unless the storm is over by then.</summary>
    public void After(TimeSpan delay, Action work) => World.Later(delay, () =>
    {
        if (!IsOver)
        {
            work();
        }
    });

    /// <summary>Some moment of a transfer that goes well.</summary>
    public void Sometime(Action work) => After(World.Between(60, 1500), work);

    /// <summary>Kills a node and starts it again after a while, in time with the storm's end.</summary>
    public void KillAndRestart(SimNode node, string why, TimeSpan pause)
    {
        node.Kill(why);
        World.Later(pause, node.Start);
    }

    /// <summary>One of the nodes by chance; the ends of the transfer more often.</summary>
    public SimNode AnyNode() => Random.Next(5) switch
    {
        0 => Cluster.HubNode,
        1 or 2 => Cluster.Source,
        _ => Cluster.Destination,
    };

    /// <summary>Everything is mended.</summary>
    public void End()
    {
        IsOver = true;
        World.Story.Tell("FAULT", "the storm is over");
        Cluster.DiskSlowness.Clear();
        Cluster.Network.Heal();
        foreach (SimNode node in Cluster.Nodes)
        {
            node.Process?.Thaw();
            Cluster.Bus.SetAway(node.Name, false);
            node.Start();
        }

        User.ResumeWhilePaused();
    }

    private T? Ask<THook, T>(List<THook> hooks, Func<THook, T?> ask)
        where T : struct
    {
        if (IsOver || hooks.Count == 0)
        {
            return null;
        }

        foreach (THook hook in hooks.ToArray())
        {
            if (ask(hook) is { } answer)
            {
                return answer;
            }
        }

        return null;
    }
}
