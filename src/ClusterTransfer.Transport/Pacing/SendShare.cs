using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Pacing;

/// <summary>What one transfer has of <see cref="SendLimits"/>. Its fields belong to those, and are guarded by their lock, but for what is read alone.</summary>
internal sealed class SendShare(SendLimits limits, PeerBudget peer, double weight)
{
    private double _fairRate;
    private double _measuredRate;
    private volatile bool _isLimited;

    public SendLimits Limits => limits;

    public PeerBudget Peer => peer;

    public double Weight => weight;

    /// <summary>Called, without the lock, when it may be entitled to another rate than before.</summary>
    public Action? RateChanged { get; init; }

    /// <summary>The transfer's own limit in bytes per second; 0 for none.</summary>
    public long OwnRate { get; set; }

    /// <summary>Whether any limit holds for it. Read without the lock.</summary>
    public bool IsLimited
    {
        get => _isLimited;
        set => _isLimited = value;
    }

    /// <summary>Whether the transfer has ended; what is left of it goes unpaced.</summary>
    public bool IsGone { get; set; }

    /// <summary>Whether it asked a short while ago.</summary>
    public bool IsActive { get; set; }

    public long AskedAt { get; set; }

    /// <summary>Bytes that it may send now.</summary>
    public double Balance { get; set; }

    public LinkedList<ShareTaker> Waiting { get; } = [];

    /// <summary>How long those who asked have waited so far, summed up.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>How much it can take, and was given, while a pass runs, and which limit ended that.</summary>
    public double Room { get; set; }

    public double Filled { get; set; }

    public LimitScope ClosedBy { get; set; }

    /// <summary>The limit that decides its rate while it sends all it may, and how many others share that limit.</summary>
    public LimitScope Scope { get; set; }

    public int SharedWith { get; set; }

    /// <summary>Bytes per second it is entitled to while all that are active send all they may. Read without the lock.</summary>
    public double FairRate
    {
        get => Volatile.Read(ref _fairRate);
        set => Volatile.Write(ref _fairRate, value);
    }

    /// <summary>Bytes per second it was given lately, more than that when others leave theirs. Read without the lock.</summary>
    public double MeasuredRate
    {
        get => Volatile.Read(ref _measuredRate);
        set => Volatile.Write(ref _measuredRate, value);
    }

    /// <summary>What it can count on, in bytes per second. Read without the lock.</summary>
    public double Rate => Math.Max(FairRate, MeasuredRate);
}
