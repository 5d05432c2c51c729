using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.Actors;

/// <summary>What an actor system is made of; all of it can be replaced for simulation.</summary>
public sealed record ActorSystemSetup
{
    /// <summary>Where turns run; null for the thread pool.</summary>
    public IActorDispatcher? Dispatcher { get; init; }

    /// <summary>Clock and timers of everything timed in the kernel.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where persistent actors keep their events; null when there are none.</summary>
    public IEventJournal? Journal { get; init; }

    /// <summary>Where persistent actors keep snapshots; null: none are kept, and saving one fails.</summary>
    public ISnapshotStore? SnapshotStore { get; init; }

    /// <summary>Numbers from 0 to 1 for the jitter of back-off; any thread may ask. Null: random. Given by simulations, so that a seed is a schedule.</summary>
    public Func<double>? Random { get; init; }

    /// <summary>Hears what the kernel has to log; called from any thread, must not throw or block.</summary>
    public Action<LogEvent>? Log { get; init; }

    /// <summary>Messages an actor handles in one turn, 1 to 100,000. Default 100.</summary>
    public int Throughput { get; init; } = 100;

    /// <summary>Messages a stash holds, at least 1. Default 1,000.</summary>
    public int StashCapacity { get; init; } = 1000;

    /// <summary>How long an <c>Ask</c> without a time-out of its own waits. Default 30 s.</summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one step of a recovery (a snapshot, a batch of events) may take. Default 30 s.</summary>
    public TimeSpan RecoveryTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
