namespace ClusterTransfer.Transfers.Links;

/// <summary>Finds how many connections pay: while all are full it tries more, keeps them when they carry more and goes back when they do not.</summary>
/// <remarks>
/// One stream is limited by loss and by its share of a queue, several by nothing but the path; the number at which more bring nothing is the knee. Rates are compared only when two
/// measurements in a row agree, so that a stream that is still speeding up is not taken for one that more connections made faster. Not thread-safe.
/// </remarks>
internal sealed class ConnectionTuner(TimeProvider time, int start, int max)
{
    /// <summary>How much more a larger number must carry to be kept, as a share.</summary>
    public const double LeastGain = 0.08;

    // Two measurements in a row that differ by less than this agree.
    private const double Agreement = 0.1;

    // Each that disagrees makes the next twice as long, so that what only fluctuates averages out. A trial is judged after so many anyway; none begins before two agree.
    private const int MostMeasurements = 4;

    // A rate that differs by this much from the one the number was chosen at is another path, or other traffic on it.
    private const double OtherPath = 0.3;

    // A trial that the transfer will not live long enough to gain from is none.
    private const int WorthTrials = 4;

    // Connections that are lost in one trial. More that do not stay are no gain, and each takes chunks with it.
    private const int MostLost = 3;

    private static readonly TimeSpan LeastSettling = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LeastMeasuring = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostWaiting = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(8);

    private const int SettlingRoundTrips = 4;
    private const int MeasuringRoundTrips = 6;

    private long _changedAt = time.GetTimestamp();      // the number of connections in use, or which they are
    private (long At, long Delivered)? _begun;          // the measurement under way
    private double? _lastRate;
    private int _measurements;
    private (int Before, double Rate)? _trial;
    private int _lost;                                  // since the trial began
    private TimeSpan _rest = FirstRest;
    private (long Since, double Rate)? _resting;

    /// <summary>How many connections are to be used.</summary>
    public int Target { get; private set; } = start;

    /// <summary>Most that may be; a peer may take fewer than this end would give.</summary>
    public int Max { get; set; } = max;

    /// <summary>A connection joined or left: what was measured with the others says nothing any more.</summary>
    /// <param name="isLost">Whether it left.</param>
    public void Disturb(bool isLost)
    {
        _lost += isLost ? 1 : 0;
        _changedAt = time.GetTimestamp();
        StartAnew();
    }

    /// <summary>Takes a look. To be called a few times a second at most.</summary>
    /// <returns>What was decided; null for nothing.</returns>
    public ConnectionChange? Look(in LinkSample sample)
    {
        if (_trial is { } flapping && _lost >= MostLost)
        {
            return GoBack(ConnectionChangeReason.NotToBeHad, flapping, null, sample);
        }

        if (sample.Standing < Target)
        {
            StartAnew();
            return _trial is { } wanting && time.GetElapsedTime(_changedAt) > MostWaiting
                ? GoBack(ConnectionChangeReason.NotToBeHad, wanting, null, sample)
                : null;
        }

        if (!sample.IsFull)
        {
            StartAnew();
            return null;
        }

        if (time.GetElapsedTime(_changedAt) < AtLeast(LeastSettling, SettlingRoundTrips * sample.RoundTrip))
        {
            return null;
        }

        return Measure(sample) is { } rate ? Judge(rate, sample) : null;
    }

    private static TimeSpan AtLeast(TimeSpan least, TimeSpan? wanted) => wanted > least ? wanted.Value : least;

    private static TimeSpan MeasuringTime(in LinkSample sample) => AtLeast(LeastMeasuring, MeasuringRoundTrips * sample.RoundTrip);

    private void StartAnew() => (_begun, _lastRate, _measurements) = (null, null, 0);

    // Null until there is a rate to go by: two that agree, or for a trial the last of many.
    private double? Measure(in LinkSample sample)
    {
        long now = time.GetTimestamp();
        if (_begun is not { } begun || sample.Delivered < begun.Delivered)
        {
            _begun = (now, sample.Delivered);
            return null;
        }

        TimeSpan taken = time.GetElapsedTime(begun.At, now);
        if (taken < (1 << Math.Min(_measurements, MostMeasurements)) * MeasuringTime(sample))
        {
            return null;
        }

        double rate = (sample.Delivered - begun.Delivered) / taken.TotalSeconds;
        bool agrees = _lastRate is { } last && Math.Abs(rate - last) <= Agreement * last;
        double mean = _lastRate is { } before && agrees ? (rate + before) / 2 : rate;
        _measurements += _lastRate is null || agrees ? 0 : 1;
        (_begun, _lastRate) = ((now, sample.Delivered), rate);
        return agrees || (_trial is not null && _measurements >= MostMeasurements) ? mean : null;
    }

    private ConnectionChange? Judge(double rate, in LinkSample sample)
    {
        StartAnew();
        if (rate <= 0)
        {
            return null;
        }

        if (_trial is { } trial)
        {
            return rate >= trial.Rate * (1 + LeastGain) ? Keep(trial, rate, sample) : GoBack(ConnectionChangeReason.DidNotPay, trial, rate, sample);
        }

        bool rests = _resting is { } resting && time.GetElapsedTime(resting.Since) < _rest && Math.Abs(rate - resting.Rate) < OtherPath * resting.Rate;
        return Target >= Max || rests || sample.Remaining / rate < WorthTrials * 2 * MeasuringTime(sample).TotalSeconds ? null : Try(rate, sample);
    }

    private ConnectionChange Try(double rate, in LinkSample sample)
    {
        (_trial, _lost) = ((Target, rate), 0);
        return Change(ConnectionChangeReason.Tried, Math.Min(Max, Target + Math.Max(1, Target / 2)), rate, null, sample);
    }

    private ConnectionChange Keep((int Before, double Rate) trial, double rate, in LinkSample sample)
    {
        (_trial, _resting, _rest) = (null, null, FirstRest);
        return new ConnectionChange(ConnectionChangeReason.Paid, trial.Before, Target, trial.Rate, rate, sample);
    }

    private ConnectionChange GoBack(ConnectionChangeReason reason, (int Before, double Rate) trial, double? rate, in LinkSample sample)
    {
        // What did not pay is tried again, but less and less often.
        _rest = _resting is null ? FirstRest : TimeSpan.FromTicks(Math.Min(LongestRest.Ticks, 2 * _rest.Ticks));
        (_trial, _resting) = (null, (time.GetTimestamp(), trial.Rate));
        return Change(reason, trial.Before, trial.Rate, rate, sample);
    }

    private ConnectionChange Change(ConnectionChangeReason reason, int after, double rateBefore, double? rateAfter, in LinkSample sample)
    {
        int before = Target;
        Target = after;
        _changedAt = time.GetTimestamp();
        StartAnew();
        return new ConnectionChange(reason, before, after, rateBefore, rateAfter, sample);
    }
}
