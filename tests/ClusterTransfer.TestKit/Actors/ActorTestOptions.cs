using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.TestKit;

/// <summary>How the actors of a test run.</summary>
public sealed record ActorTestOptions
{
    /// <summary>Schedule of the simulated dispatcher.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Runs on the thread pool instead of simulated; time stays virtual.</summary>
    public bool UseThreadPool { get; init; }

    /// <summary>Messages per turn; null: simulated 1 to 5 by the seed, for more interleavings, and 100 on the pool.</summary>
    public int? Throughput { get; init; }

    /// <summary>Journal of the system; null for a new one in memory.</summary>
    public IEventJournal? Journal { get; init; }

    /// <summary>Snapshots of the system; null: the journal's, when it keeps snapshots too.</summary>
    public ISnapshotStore? SnapshotStore { get; init; }

    /// <summary>Bound of each stash.</summary>
    public int StashCapacity { get; init; } = 1000;

    /// <summary>Hears what the kernel logs.</summary>
    public Action<LogEvent>? Log { get; init; }

    /// <summary>A clock to share between systems; null for one of its own.</summary>
    public VirtualTime? Time { get; init; }

    /// <summary>A dispatcher to share between systems, so that a whole cluster runs in one schedule; null for one of its own.</summary>
    public ITestDispatcher? Dispatcher { get; init; }
}
