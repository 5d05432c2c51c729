using ClusterTransfer.Actors;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Simulation.World;

/// <summary>Everything of one run that has no owner: the clock, the dice, the schedule and the story. One thread; one seed is one run.</summary>
internal sealed class SimWorld
{
    /// <summary>Turns at one moment after which actors count as keeping each other busy for ever.</summary>
    private const int MaxTurns = 500_000;

    private readonly List<(SimProcess Process, IThreadPoolWorkItem Turn)> _runnable = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public SimWorld(int seed, string folder)
    {
        Seed = seed;
        Random = new Random(seed);
        Time = new VirtualTime { Settle = RunUntilIdle };
        Story = new Story(Time, folder);
    }

    public int Seed { get; }

    /// <summary>Dice of the world: schedule, delays, faults.</summary>
    public Random Random { get; }

    public VirtualTime Time { get; }

    public Story Story { get; }

    /// <summary>Whose code runs now; null for the world's own.</summary>
    public SimProcess? Current { get; set; }

    /// <summary>Turns of actors run so far.</summary>
    public long Turns { get; private set; }

    /// <summary>Called after each turn: what must hold at every moment.</summary>
    public Action? AfterTurn { get; set; }

    public void Schedule(SimProcess process, IThreadPoolWorkItem turn)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException($"A turn was scheduled from another thread (seed {Seed}): this run cannot be replayed.");
        }

        _runnable.Add((process, turn));
    }

    /// <summary>Does something later; nobody's process, so it happens whatever dies meanwhile.</summary>
    public void Later(TimeSpan delay, Action work)
    {
        ITimer? timer = null;
        timer = Time.CreateTimer(
            _ =>
            {
                timer!.Dispose();
                work();
            },
            null,
            delay,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>A random part of a span.</summary>
    public TimeSpan Part(TimeSpan whole) => TimeSpan.FromTicks((long)(Random.NextDouble() * whole.Ticks));

    /// <summary>A random span between two.</summary>
    public TimeSpan Between(double minMs, double maxMs) => TimeSpan.FromMilliseconds(minMs + (Random.NextDouble() * (maxMs - minMs)));

    public bool Chance(double probability) => Random.NextDouble() < probability;

    private void RunUntilIdle()
    {
        for (int turns = 0; _runnable.Count > 0; turns++)
        {
            if (turns > MaxTurns)
            {
                throw new InvalidOperationException($"No rest after {MaxTurns} turns (seed {Seed}).");
            }

            int index = Random.Next(_runnable.Count);
            (SimProcess process, IThreadPoolWorkItem turn) = _runnable[index];
            _runnable[index] = _runnable[^1];
            _runnable.RemoveAt(_runnable.Count - 1);
            Turns++;
            process.Run(turn.Execute);
            AfterTurn?.Invoke();
        }
    }
}
