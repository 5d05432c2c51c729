using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Pacing;

/// <summary>How fast a node sends: in all, to each peer, and for each transfer. What comes in is divided among the transfers by their weights, however many connections each has.</summary>
/// <remarks>Thread-safe. A part is sent when the transfer's limit, its peer's and the node's all allow it. What one has no use for goes to the others; one that waits is given
/// something as long as anybody is. One that asks for nothing keeps a tenth of a second of its rate, so that a pause to read does not cost rate; nobody can save up more.</remarks>
public sealed partial class SendLimits : IDisposable
{
    // Longest time for which bytes are kept for somebody who does not ask, and after which nothing is kept for him at all.
    private const double BurstSeconds = 0.1;
    private static readonly TimeSpan ActiveFor = TimeSpan.FromMilliseconds(250);

    // A part is written in one go: short, so that what is sent is smooth, and not so short that it is all headers and timers.
    private const double PartSeconds = 0.02;
    private const int LeastPart = 4 * 1024;
    private const int MostPart = 1024 * 1024;

    // Timers know no less; and somebody may stop asking, so that the others have more than was thought.
    private static readonly TimeSpan ShortestNap = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestNap = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly List<SendShare> _shares = [];                  // this and the rest: guarded by _lock
    private readonly Dictionary<NodeId, PeerBudget> _peers = [];    // those with a limit or a transfer
    private long _rate;                                             // of the node; 0 for no limit
    private long _settledAt;
    private bool _stale;                                            // somebody came, went, or a limit changed since the shares were estimated
    private bool _napping;

    /// <param name="time">The clock.</param>
    /// <param name="completions">How those who wait go on; else than asynchronously only where everything runs in one thread.</param>
    public SendLimits(TimeProvider time, TaskCreationOptions completions = TaskCreationOptions.RunContinuationsAsynchronously)
    {
        _time = time;
        Inline = !completions.HasFlag(TaskCreationOptions.RunContinuationsAsynchronously);
        _settledAt = time.GetTimestamp();
        _timer = time.CreateTimer(static limits => ((SendLimits)limits!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the node sends at most, in bytes per second; null for no limit.</summary>
    public long? Limit
    {
        get
        {
            lock (_lock)
            {
                return _rate > 0 ? _rate : null;
            }
        }
    }

    internal bool Inline { get; }

    /// <summary>Sets all limits of the node, also for those who wait. One that is not named is none.</summary>
    /// <param name="bytesPerSecond">Of all it sends; null for no limit.</param>
    /// <param name="peers">Of what it sends to each of these.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is 0 or less, which means nothing.</exception>
    public void Set(long? bytesPerSecond, IReadOnlyDictionary<NodeId, long> peers)
    {
        long rate = Checked(bytesPerSecond);
        foreach (long peer in peers.Values)
        {
            Checked(peer);
        }

        Change(() =>
        {
            _rate = rate;
            foreach ((NodeId name, PeerBudget budget) in _peers.ToArray())
            {
                budget.Rate = 0;
                ForgetUnused(name, budget);
            }

            foreach ((NodeId name, long limit) in peers)
            {
                BudgetOf(name).Rate = limit;
            }
        });
    }

    /// <summary>Ends the timer. Nobody may wait any more.</summary>
    public void Dispose() => _timer.Dispose();

    internal SendShare Join(NodeId peer, double weight, long? bytesPerSecond, Action? rateChanged = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        long own = Checked(bytesPerSecond);
        lock (_lock)
        {
            PeerBudget budget = BudgetOf(peer);
            budget.Shares++;
            var share = new SendShare(this, budget, weight) { OwnRate = own, RateChanged = rateChanged };
            share.IsLimited = IsLimitedLocked(share);
            _shares.Add(share);
            return share;
        }
    }

    internal void Leave(SendShare share) => Change(() =>
    {
        if (_shares.Remove(share))
        {
            // Those who wait of it are let go below, with those of the others.
            share.IsGone = true;
            share.Peer.Shares--;
            ForgetUnused(_peers.First(one => one.Value == share.Peer).Key, share.Peer);
        }
    }, share);

    internal void SetOwn(SendShare share, long? bytesPerSecond)
    {
        long own = Checked(bytesPerSecond);
        Change(() => share.OwnRate = own);
    }

    internal long? OwnOf(SendShare share)
    {
        lock (_lock)
        {
            return share.OwnRate > 0 ? share.OwnRate : null;
        }
    }

    /// <summary>It is about to send: it counts among those that share, so that what it may have ready is known.</summary>
    internal void Touch(SendShare share)
    {
        lock (_lock)
        {
            TouchLocked(share);
            EstimateWhenStaleLocked();
        }
    }

    /// <summary>Takes a part at once, or has the taker wait for one.</summary>
    internal bool TryTake(SendShare share, ShareTaker taker, int most, out int bytes)
    {
        lock (_lock)
        {
            TouchLocked(share);
            SettleLocked();
            EstimateWhenStaleLocked();
            bytes = share.IsLimited ? Math.Min(most, PartOf(share)) : most;
            if (share.Waiting.Count == 0 && (!share.IsLimited || share.Balance >= bytes - Dust))
            {
                share.Balance -= share.IsLimited ? bytes : 0;
                return true;
            }

            (taker.Most, taker.Since) = (most, _time.GetTimestamp());
            share.Waiting.AddLast(taker.Place);
            NapLocked();
            return false;
        }
    }

    /// <summary>The taker waits no more; false when it does not wait.</summary>
    internal bool TryWithdraw(SendShare share, ShareTaker taker)
    {
        lock (_lock)
        {
            if (taker.Place.List is null)
            {
                return false;
            }

            share.Waiting.Remove(taker.Place);
            return true;
        }
    }

    /// <summary>What was taken is not needed.</summary>
    internal void GiveBack(SendShare share, int bytes)
    {
        lock (_lock)
        {
            share.Balance += share.IsLimited ? bytes : 0;
        }
    }

    /// <summary>How long those of the share have waited in all, now included, and which limit it is that holds it; null where none does.</summary>
    internal (TimeSpan Waited, HeldBack? By) LookAt(SendShare share)
    {
        lock (_lock)
        {
            SettleLocked();
            EstimateWhenStaleLocked();
            TimeSpan waited = share.Waited;
            foreach (ShareTaker taker in share.Waiting)
            {
                waited += _time.GetElapsedTime(taker.Since);
            }

            return (waited, share is { IsLimited: true, IsActive: true } ? HeldBackLocked(share) : null);
        }
    }

    private HeldBack HeldBackLocked(SendShare share) => share.Scope switch
    {
        LimitScope.Transfer => new HeldBack(LimitScope.Transfer, share.OwnRate),
        LimitScope.Peer => new HeldBack(LimitScope.Peer, share.Peer.Rate) { Share = (long)share.Rate, SharedWith = share.SharedWith },
        _ => new HeldBack(LimitScope.Node, _rate) { Share = (long)share.Rate, SharedWith = share.SharedWith },
    };

    private static long Checked(long? bytesPerSecond)
    {
        if (bytesPerSecond is { } rate)
        {
            // Zero would mean "unlimited" here; nobody may ask for that with a number.
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate, nameof(bytesPerSecond));
        }

        return bytesPerSecond ?? 0;
    }

    private PeerBudget BudgetOf(NodeId peer) => _peers.TryGetValue(peer, out PeerBudget? budget) ? budget : _peers[peer] = new PeerBudget();

    private void ForgetUnused(NodeId name, PeerBudget budget)
    {
        if (budget is { Rate: 0, Shares: 0 })
        {
            _peers.Remove(name);
        }
    }

    private bool IsLimitedLocked(SendShare share) => !share.IsGone && (share.OwnRate > 0 || share.Peer.Rate > 0 || _rate > 0);

    // By the rates of before up to now; from now on by those of after, for what waits as well.
    private void Change(Action change, SendShare? also = null)
    {
        ShareTaker? granted;
        SendShare[] shares;
        lock (_lock)
        {
            SettleLocked();
            change();
            shares = also is null ? [.. _shares] : [.. _shares, also];
            foreach (SendShare share in shares)
            {
                share.IsLimited = IsLimitedLocked(share);
                share.MeasuredRate = also is null ? 0 : share.MeasuredRate;   // of other limits than those of now
                share.Balance = share.IsLimited ? share.Balance : 0;
            }

            EstimateLocked();
            foreach (SendShare share in shares)
            {
                share.Balance = Math.Min(share.Balance, CapLocked(share));
            }

            granted = GrantLocked(shares);
        }

        Tell(granted);
        foreach (SendShare share in shares)
        {
            share.RateChanged?.Invoke();
        }
    }

    private void Wake()
    {
        ShareTaker? granted;
        lock (_lock)
        {
            _napping = false;
            SettleLocked();
            EstimateWhenStaleLocked();
            granted = GrantLocked(_shares);
        }

        Tell(granted);
    }

    // The next is read first: whoever is told may wait again before this returns.
    private static void Tell(ShareTaker? granted)
    {
        while (granted is not null)
        {
            ShareTaker one = granted;
            granted = one.NextGranted;
            one.NextGranted = null;
            one.Grant();
        }
    }

    private ShareTaker? GrantLocked(IReadOnlyList<SendShare> shares)
    {
        ShareTaker? first = null;
        ShareTaker? last = null;
        bool waits = false;
        for (int i = 0; i < shares.Count; i++)
        {
            SendShare share = shares[i];
            while (share.Waiting.First is { Value: var taker } && (!share.IsLimited || share.Balance >= NeedOf(share, taker) - Dust))
            {
                share.Waiting.RemoveFirst();
                taker.Bytes = share.IsLimited ? NeedOf(share, taker) : taker.Most;
                share.Balance -= share.IsLimited ? taker.Bytes : 0;
                share.Waited += _time.GetElapsedTime(taker.Since);
                if (last is null)
                {
                    first = taker;
                }
                else
                {
                    last.NextGranted = taker;
                }

                last = taker;
            }

            waits |= share.Waiting.Count > 0;
        }

        if (waits)
        {
            NapLocked(anew: true);
        }

        return first;
    }

    private void NapLocked(bool anew = false)
    {
        if (_napping && !anew)
        {
            // Whoever came since then may be served sooner, but never later than the longest nap.
            return;
        }

        double seconds = LongestNap.TotalSeconds;
        foreach (SendShare share in _shares)
        {
            if (share.Waiting.First is { Value: var taker } && share.Rate > 0)
            {
                seconds = Math.Min(seconds, (NeedOf(share, taker) - share.Balance) / share.Rate);
            }
        }

        _napping = true;
        _timer.Change(TimeSpan.FromTicks(Math.Clamp((long)(seconds * TimeSpan.TicksPerSecond) + 1, ShortestNap.Ticks, LongestNap.Ticks)), Timeout.InfiniteTimeSpan);
    }

    // By the rate of now: what was asked at a higher one would take long.
    private static int NeedOf(SendShare share, ShareTaker taker) => Math.Min(taker.Most, PartOf(share));

    private static int PartOf(SendShare share) => (int)Math.Clamp(share.Rate * PartSeconds, LeastPart, MostPart);
}
