using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Reads a <see cref="StageClock"/> from time to time and says how many chunks were in each phase meanwhile. Used by one actor.</summary>
internal sealed class StageMeter
{
    private static readonly int Phases = Enum.GetValues<ChunkPhase>().Length;

    private readonly StageClock _clock;
    private TimeSpan[] _now = new TimeSpan[Phases];
    private TimeSpan[] _before = new TimeSpan[Phases];
    private TimeSpan _at;

    public StageMeter(StageClock clock) => _clock = clock;

    /// <summary>How long it was between the two last looks.</summary>
    public TimeSpan Interval { get; private set; }

    /// <summary>The mean number of chunks that were in a phase between the two last looks.</summary>
    public double this[ChunkPhase phase] => Interval > TimeSpan.Zero
        ? Math.Clamp((_now[(int)phase] - _before[(int)phase]) / Interval, 0, StageReport.Most)   // one that left while it was read may seem to have stayed a little less than before
        : 0;

    /// <summary>Looks again; false when no time has passed.</summary>
    public bool Look()
    {
        (_now, _before) = (_before, _now);
        TimeSpan at = _clock.Read(_now);
        (Interval, _at) = (at - _at, at);
        return Interval > TimeSpan.Zero;
    }

    /// <summary>Deals something out in the proportion of others; all of it to the first when there is nothing of any.</summary>
    public static void Deal(double share, Span<double> to)
    {
        double sum = 0;
        foreach (double one in to)
        {
            sum += one;
        }

        if (sum <= 0)
        {
            to[0] += share;
            return;
        }

        foreach (ref double one in to)
        {
            one += share * one / sum;
        }
    }
}
