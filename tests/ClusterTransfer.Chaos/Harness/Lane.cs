using ClusterTransfer.Chaos.Faults;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>One node of a <see cref="Ground"/> with the faults that can be set on it. Whenever it ends it is started again, under the next of the faults that were planned for it.</summary>
internal sealed class Lane(NodeProcess node, string dataFolder, ShimControl? shim, PointFaults? points) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<ShimFault> _shimPlan = new();
    private readonly Queue<string> _pointPlan = new();
    private Supervisor? _supervisor;
    private ulong _firedBefore;
    private int _seen;

    public NodeProcess Node => node;

    /// <summary>The folder of its location.</summary>
    public string DataFolder => dataFolder;

    /// <summary>The name of its location, "" of a node without.</summary>
    public string Location { get; init; } = "";

    /// <summary>Where it listens for data.</summary>
    public int DataPort { get; init; }

    /// <summary>Counts what comes to it; null at a node that receives nothing.</summary>
    public ByteRelay? Relay { get; init; }

    public ShimControl? Shim => shim;

    public PointFaults? Points => points;

    /// <summary>How its runs ended since <see cref="ForgetExits"/>.</summary>
    public IReadOnlyList<int> ExitCodes => [.. _supervisor?.ExitCodes.Skip(_seen) ?? []];

    /// <summary>Calls hit by the shim since faults were last set, over all runs.</summary>
    public ulong ShimFired => _firedBefore + (shim?.Fired ?? 0);

    /// <summary>From here on it is started again whenever it ends.</summary>
    public void Supervise() => _supervisor = new Supervisor(node, NextFault);

    /// <summary>Ends that; who comes after has the node for themselves.</summary>
    public async Task StopSupervisingAsync()
    {
        if (_supervisor is not null)
        {
            await _supervisor.DisposeAsync();
            _supervisor = null;
            _seen = 0;
        }
    }

    /// <summary>From here on <see cref="ExitCodes"/> counts anew.</summary>
    public void ForgetExits() => _seen = _supervisor?.ExitCodes.Count ?? 0;

    /// <summary>Plans faults of the shim: the first from now on, each other one from the next start of the node on; after the last there is none.</summary>
    public void Plan(params ShimFault[] faults)
    {
        lock (_lock)
        {
            _firedBefore = 0;
            _shimPlan.Clear();
            foreach (ShimFault fault in faults.Skip(1))
            {
                _shimPlan.Enqueue(fault);
            }

            Of(shim).Set(faults.Length == 0 ? ShimFault.None : faults[0]);
        }
    }

    /// <summary>The same for fail points; one line for each run of the node.</summary>
    public void PlanPoints(params string[] lines)
    {
        lock (_lock)
        {
            _pointPlan.Clear();
            foreach (string line in lines.Skip(1))
            {
                _pointPlan.Enqueue(line);
            }

            Of(points).Set(lines.Length == 0 ? [] : [lines[0]]);
        }
    }

    /// <summary>No fault any more.</summary>
    public void Heal()
    {
        lock (_lock)
        {
            _shimPlan.Clear();
            _pointPlan.Clear();
            shim?.Disarm();
            points?.Replace();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopSupervisingAsync();
        await node.DisposeAsync();
        shim?.Dispose();
        if (Relay is not null)
        {
            await Relay.DisposeAsync();
        }
    }

    private static T Of<T>(T? facility)
        where T : class => facility ?? throw new ChaosException("The node was started without what this fault needs.");

    private void NextFault()
    {
        lock (_lock)
        {
            if (shim is not null)
            {
                if (_shimPlan.TryDequeue(out ShimFault? fault))
                {
                    _firedBefore += shim.Fired;
                    shim.Set(fault);
                }
                else
                {
                    shim.Disarm();
                }
            }

            if (points is not null)
            {
                points.Replace(_pointPlan.TryDequeue(out string? line) ? [line] : []);
            }
        }
    }
}
