using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Simulation.Checks;
using ClusterTransfer.Simulation.Faults;
using ClusterTransfer.Simulation.Nodes;

namespace ClusterTransfer.Simulation.Runs;

/// <summary>One transfer from submit to its end, through a storm of faults, and until nothing is left of it on any node.</summary>
internal sealed class SimRun : IDisposable
{
    /// <summary>Content of the files that nothing may touch.</summary>
    public const string Song = "tweet";

    /// <summary>How long after everything is healed a transfer may take to end, and then to be cleared away.</summary>
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(5);

    /// <summary>A node that missed the last word asks about what it still has once an hour.</summary>
    private static readonly TimeSpan LeftoversAskedWithin = TimeSpan.FromMinutes(125);

    private readonly SimCluster _cluster;
    private readonly FaultDesk _desk;
    private readonly Watcher _watcher;
    private TimeSpan? _storm;
    private TimeSpan _stormOver;
    private TimeSpan _looksFrom;
    private TimeSpan? _endedAt;

    public SimRun(int seed, Workplace place, bool verbose = false)
    {
        _cluster = new SimCluster(seed, place.NewFolder(), place.Sources, verbose);
        Random random = _cluster.World.Random;
        Tree = place.Trees[random.Next(place.Trees.Count)];
        bool replace = random.Next(4) == 0;
        Request = new TransferRequest(Address($"src:{Tree.Name}"), Address("dst:in"))
        {
            Conflict = replace ? ConflictPolicy.Overwrite : ConflictPolicy.Fail,
            Durability = (DurabilityLevel)random.Next(3),
        };
        User = new SimUser(_cluster, Request);
        _desk = new FaultDesk(_cluster, User);
        _watcher = new Watcher(this, _desk);
        File.WriteAllText(NeighbourOf(_cluster), Song);
        File.WriteAllText(Path.Combine(_cluster.Canary, "canary"), Song);
        if (replace && Tree.Files is [{ Path: "" }])
        {
            OldFile = [1, 2, 3, 4, 5];
            File.WriteAllBytes(Path.Combine(_cluster.DestinationFolder, Tree.Name), OldFile);
        }
    }

    public SimCluster Cluster => _cluster;

    public SimUser User { get; }

    public TransferRequest Request { get; }

    public SourceTree Tree { get; }

    /// <summary>What stands under the result's name before; null for nothing.</summary>
    public byte[]? OldFile { get; }

    /// <summary>The transfer as the list shows it, once it has ended.</summary>
    public TransferResource? Ended => _cluster.Hub.Row is { ExitCode: not null } row ? row : null;

    /// <summary>A file beside the result.</summary>
    public static string NeighbourOf(SimCluster cluster) => Path.Combine(cluster.DestinationFolder, "neighbour");

    /// <summary>Runs a seed to its end and says how it went. Throws nothing.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="place">Where it runs.</param>
    /// <param name="verbose">Whether the story names every frame, and is kept however it ends.</param>
    /// <param name="arm">Arms the faults of the run; null: as many as the seed draws from the catalogue.</param>
    /// <param name="storm">When the faults are over; null: as the seed draws it.</param>
    public static SeedResult Of(int seed, Workplace place, bool verbose = false, Action<FaultDesk>? arm = null, TimeSpan? storm = null)
    {
        using var run = new SimRun(seed, place, verbose) { _storm = storm };
        string? violation = null;
        try
        {
            (arm ?? run.Draw)(run._desk);
            run.RunToTheEnd();
            EndCheck.Of(run, run._desk, run._watcher);
        }
        catch (Exception error)
        {
            violation = error is InvariantException ? error.Message : error.ToString();
        }

        SimCluster cluster = run._cluster;
        return new SeedResult(
            seed,
            violation,
            run._desk.Fired,
            run.Ended?.State,
            cluster.World.Story.Hash,
            run._endedAt is { } at && at > run._stormOver ? at - run._stormOver : TimeSpan.Zero,
            violation is null && !verbose ? string.Empty : $"{run.Describe()}\n{cluster.World.Story}");
    }

    private void Draw(FaultDesk desk)
    {
        int count = desk.Random.Next(4, 8);
        for (int i = 0; i < count; i++)
        {
            (string row, _, Action<FaultDesk> arm) = Catalogue.Draw(desk.Random);
            desk.World.Story.Tell("FAULT", $"drawn: {row}");
            arm(desk);
        }
    }

    private void RunToTheEnd()
    {
        foreach (SimNode node in _cluster.Nodes)
        {
            _cluster.World.Later(_cluster.World.Between(0, 50), node.Start);
        }

        _cluster.World.Later(TimeSpan.FromMilliseconds(60), User.Submit);
        _stormOver = _storm ?? TimeSpan.FromSeconds(_cluster.World.Random.Next(20, 120));
        _cluster.World.Later(_stormOver, _desk.End);
        _cluster.World.AfterTurn = _watcher.Look;
        Go(() => Ended is not null && User.IsAccepted && _cluster.World.Time.Elapsed > _stormOver, _stormOver + EndsWithin, "I9");
        _endedAt = _cluster.Hub.EndedAt;
        TimeSpan keep = Ended!.State is TransferState.Partial or TransferState.Failed ? TimeSpan.FromDays(3) : TimeSpan.Zero;   // Kept for an hour by the wall clock, which may have jumped by days.
        Go(() => MayLook() && IsCleared(), _cluster.World.Time.Elapsed + keep + LeftoversAskedWithin, "I7");

        // What is still on its way arrives and finds nobody.
        TimeSpan quiet = _cluster.World.Time.Elapsed + TimeSpan.FromMinutes(2);
        Go(() => _cluster.World.Time.Elapsed >= quiet, TimeSpan.MaxValue, "I7");
    }

    private void Go(Func<bool> done, TimeSpan limit, string invariant)
    {
        while (!done())
        {
            if (_cluster.World.Time.Elapsed > limit || !_cluster.World.Time.AdvanceToNextTimer())
            {
                throw new InvariantException(invariant, $"not done after {_cluster.World.Time.Elapsed}.");
            }

            _watcher.Look();
            foreach (SimNode node in _cluster.Nodes)
            {
                if (node.Failure is { } failure)
                {
                    // The host of the engine ends the process then; something starts it again.
                    node.Kill($"it gives up: {failure.Detail}");
                    _cluster.World.Later(_cluster.World.Between(100, 3000), node.Start);
                }
            }
        }
    }

    // To look at folders takes longer than all that happens while a node is idle.
    private bool MayLook()
    {
        bool mayLook = _cluster.World.Time.Elapsed >= _looksFrom;
        _looksFrom = mayLook ? _cluster.World.Time.Elapsed + TimeSpan.FromSeconds(10) : _looksFrom;
        return mayLook;
    }

    private bool IsCleared() =>
        _cluster.Nodes.All(node => node.Sessions.Count == 0)
        && !Directory.EnumerateFileSystemEntries(_cluster.Source.OutgoingFolder).Any()
        && !Directory.Exists(Path.Combine(_cluster.Folder, "dst", ".clustertransfer", _cluster.Id.Value));

    private string Describe() =>
        $"{Tree}, {Request.Durability}, {Request.Conflict}; hub is {_cluster.HubNode.Name}; {_cluster.Hub.Row?.State} {_cluster.Hub.Row?.Desired} {_cluster.Hub.Row?.Problem}; "
        + string.Join("; ", _cluster.Nodes.Select(node => $"{node.Name} {(node.IsUp ? "up" : "down")} {string.Join(", ", node.Sessions)}"));

    private static TransferAddress Address(string text) =>
        TransferAddress.TryParse(text, out TransferAddress? address, out string? problem) ? address : throw new FormatException(problem);

    public void Dispose() => _cluster.Dispose();
}
