namespace ClusterTransfer.Model.Stages;

/// <summary>Adds up, for each phase, how long chunks were in it. Thread-safe, lock-free and without allocation: one clock reading and one atomic addition to enter or leave.</summary>
/// <remarks>A phase is one word: how many are in it now in the upper 14 bits, and below them, in units of 10 µs, the sum of the times at which some left less the sum of
/// those at which some entered. Times of day cancel out once all have left; until then each that is still inside is brought up to date by adding now. So a wait
/// counts while it lasts, and a reader sees a whole state with one load. Good for 178 years of chunks.</remarks>
public sealed class StageClock
{
    /// <summary>Most that a phase can hold at a time.</summary>
    public const int MaxInside = 8000;

    private const int TimeBits = 50;
    private const long One = 1L << TimeBits;
    private const long TicksPerUnit = TimeSpan.TicksPerMillisecond / 100;

    // A cache line each: the phases have different writers.
    private const int Stride = 8;

    private static readonly int Phases = Enum.GetValues<ChunkPhase>().Length;

    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly long[] _words = new long[Phases * Stride];

    /// <param name="time">The clock.</param>
    public StageClock(TimeProvider time)
    {
        _time = time;
        _origin = time.GetTimestamp();
    }

    /// <summary>A chunk enters a phase.</summary>
    public void Enter(ChunkPhase phase) => Interlocked.Add(ref Word(phase), One - Now());

    /// <summary>It leaves it; to be called once for each that entered.</summary>
    public void Leave(ChunkPhase phase) => Interlocked.Add(ref Word(phase), Now() - One);

    /// <summary>It goes from one phase to another, with one look at the clock.</summary>
    public void Move(ChunkPhase from, ChunkPhase to)
    {
        long now = Now();
        Interlocked.Add(ref Word(from), now - One);
        Interlocked.Add(ref Word(to), One - now);
    }

    /// <summary>So many are in a phase from now on. One caller at a time, and nobody else enters or leaves that phase.</summary>
    public void Set(ChunkPhase phase, int inside)
    {
        long change = Math.Clamp(inside, 0, MaxInside) - InsideOf(Volatile.Read(ref Word(phase)));
        if (change != 0)
        {
            Interlocked.Add(ref Word(phase), change * (One - Now()));
        }
    }

    /// <summary>Adds time that was measured elsewhere.</summary>
    public void Add(ChunkPhase phase, TimeSpan spent) => Interlocked.Add(ref Word(phase), spent.Ticks / TicksPerUnit);

    /// <summary>How many are in a phase now.</summary>
    public int Inside(ChunkPhase phase) => (int)InsideOf(Volatile.Read(ref Word(phase)));

    /// <summary>How long chunks were in each phase so far, added up over all of them.</summary>
    /// <param name="spent">One value for each phase, in its order.</param>
    /// <returns>Since the clock was made.</returns>
    public TimeSpan Read(Span<TimeSpan> spent)
    {
        long now = Now();
        for (int i = 0; i < Phases; i++)
        {
            long word = Volatile.Read(ref _words[i * Stride]);
            spent[i] = new TimeSpan((TimeOf(word) + (InsideOf(word) * now)) * TicksPerUnit);
        }

        return new TimeSpan(now * TicksPerUnit);
    }

    private static long TimeOf(long word) => word << (64 - TimeBits) >> (64 - TimeBits);

    private static long InsideOf(long word) => (word - TimeOf(word)) >> TimeBits;

    private ref long Word(ChunkPhase phase) => ref _words[(int)phase * Stride];

    private long Now() => _time.GetElapsedTime(_origin).Ticks / TicksPerUnit;
}
