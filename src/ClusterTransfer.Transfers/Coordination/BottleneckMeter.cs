using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Makes one answer of what the two ends of a session report: which stage holds the transfer up, and how much. Used by one actor; nothing of it is journaled.</summary>
/// <remarks>Looks at where chunks wait at the source, and hands each wait on to what it is for; docs/bottleneck.md says why.</remarks>
internal sealed class BottleneckMeter(TimeProvider time)
{
    // Less than a twentieth of a chunk at a time: nothing moves.
    private const double Least = 0.05;

    // Reports come twice a second, and one is a matter of chance: this one counts a quarter, those of before the rest.
    private const double Newest = 0.25;

    private const int Digits = 3;

    private static readonly int Stages = Enum.GetValues<Stage>().Length;

    private readonly double[] _shares = new double[Stages];
    private readonly double[] _total = new double[Stages];
    private StageReport? _destination;
    private bool _has;
    private Stage _limiter;
    private DateTimeOffset _since;
    private long? _at;

    /// <summary>What holds it up, over the last seconds; null when nothing moves, or the source does not say.</summary>
    public BottleneckResource? Now { get; private set; }

    /// <summary>The same over all that this meter has seen; null when nothing moved.</summary>
    public IReadOnlyList<StageShare> Overall => Listed(_total);

    /// <summary>Takes the destination's word; null when it does not say.</summary>
    public void NoteDestination(StageReport? report) => _destination = report;

    /// <summary>Takes the source's word; null when it does not say.</summary>
    public void NoteSource(StageReport? report)
    {
        TimeSpan passed = _at is { } at ? time.GetElapsedTime(at) : TimeSpan.Zero;
        _at = time.GetTimestamp();
        double[]? shares = report is null ? null : SharesOf(report, _destination ?? new StageReport());
        if (shares is null)
        {
            (Now, _has) = (null, false);
            return;
        }

        for (int i = 0; i < Stages; i++)
        {
            _shares[i] = _has ? _shares[i] + (Newest * (shares[i] - _shares[i])) : shares[i];
            _total[i] += shares[i] * passed.TotalSeconds;
        }

        StageShare[] stages = Listed(_shares);
        if (!_has || stages[0].Stage != _limiter)
        {
            (_limiter, _since) = (stages[0].Stage, time.GetUtcNow());
        }

        _has = true;
        Now = new BottleneckResource(_limiter, stages[0].Share, _since, stages);
    }

    /// <summary>The session is over. What the next one meets is another matter.</summary>
    public void Forget() => (Now, _has, _destination, _at) = (null, false, null, null);

    /// <summary>What the chunks of both ends together wait for, as parts of 1, by stage; null when there were none.</summary>
    internal static double[]? SharesOf(StageReport source, StageReport destination)
    {
        double[] shares = new double[Stages];
        shares[(int)Stage.List] = source.List;
        shares[(int)Stage.Throttle] = source.Throttle;
        shares[(int)Stage.Read] = source.Read;
        shares[(int)Stage.Hash] = source.Hash;
        shares[(int)Stage.Compress] = source.Compress;
        shares[(int)Stage.Seal] = source.Seal;
        shares[(int)Stage.Network] = source.Network;
        double moving = shares.Sum() - source.List;
        double sum = moving + source.List + source.Window;
        if (sum < Least)
        {
            return null;
        }

        HandOnWindow(shares, source, destination, moving);
        HandOnNetwork(shares, destination);
        return Array.ConvertAll(shares, share => share / sum);
    }

    // Whoever waits for the window waits for what fills it: by how many of the chunks in flight are where. What is neither here nor there is on its way.
    private static void HandOnWindow(double[] shares, StageReport source, StageReport destination, double moving)
    {
        double flight = moving + source.Away;
        if (source.Window <= 0 || flight < Least)   // a node may say anything: divided by next to nothing, what waits would be beyond all numbers
        {
            shares[(int)Stage.Window] += source.Window;
            return;
        }

        double perChunk = source.Window / flight;
        for (Stage stage = Stage.Throttle; stage <= Stage.Network; stage++)
        {
            shares[(int)stage] *= 1 + perChunk;
        }

        double held = destination.Verify + destination.Write + destination.Flush;
        double there = Math.Min(source.Away, held);
        double onTheWay = perChunk * (source.Away - there);
        if (held > 0)
        {
            shares[(int)Stage.Verify] += perChunk * there * destination.Verify / held;
            shares[(int)Stage.Write] += perChunk * there * destination.Write / held;
            shares[(int)Stage.Flush] += perChunk * there * destination.Flush / held;
        }

        shares[(int)Stage.Window] += HandOnToReceiver(shares, onTheWay, destination);
    }

    private static void HandOnNetwork(double[] shares, StageReport destination) =>
        shares[(int)Stage.Network] = HandOnToReceiver(shares, shares[(int)Stage.Network], destination);

    // A line is full also when the other end does not read it, because it opens what came before or has no place for it. Returns what is left for the line itself.
    private static double HandOnToReceiver(double[] shares, double wait, StageReport destination)
    {
        double opening = wait * destination.Opening;
        double blocked = Math.Min(wait - opening, wait * destination.Blocked);
        shares[(int)Stage.Open] += opening;
        double workers = destination.Verify + destination.Write;
        shares[(int)Stage.Verify] += workers > 0 ? blocked * destination.Verify / workers : 0;
        shares[(int)Stage.Write] += workers > 0 ? blocked * destination.Write / workers : blocked;
        return wait - opening - blocked;
    }

    private static StageShare[] Listed(double[] shares)
    {
        double sum = shares.Sum();
        return sum <= 0
            ? []
            : [.. shares
                .Select((share, stage) => new StageShare((Stage)stage, Math.Round(share / sum, Digits)))
                .Where(share => share.Share > 0)
                .OrderByDescending(share => share.Share)];
    }
}
