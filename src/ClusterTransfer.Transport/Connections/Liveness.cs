namespace ClusterTransfer.Transport.Connections;

/// <summary>What a look at the clock says about a connection.</summary>
internal enum LivenessVerdict
{
    Alive,
    PingDue,
    PeerSilent,
    PeerNotReading,
}

/// <summary>Keeps the times of progress in both directions and judges them. The pumps report, a timer asks.</summary>
/// <remarks>Progress is a whole frame or <see cref="DataPlaneOptions.ProgressBytes"/> of one, so that a large chunk on a slow link is alive
/// and a trickle is not. While received frames wait for a buffer or the receiver, silence is our own doing and counts for nothing.</remarks>
internal sealed class Liveness
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly int _progressBytes;

    private long _receivedAt;
    private long _sentAt;
    private long _writeProgressAt;      // 0 while nothing is being written
    private long _pingedAt;             // this and the next two: only the timer
    private long _checkedAt;
    private long _excusedAt;
    private int _partialBytes;          // only the receive pump
    private volatile bool _receivePaused;
    private long _pausedTicks;          // of pauses that are over; only the receive pump writes this and the next
    private long _pausedAt;             // 0 while there is none

    public Liveness(TimeProvider time, DataPlaneOptions options)
    {
        _time = time;
        _interval = options.HeartbeatInterval;
        CheckPeriod = _interval / 10;
        Patience = options.HeartbeatBudget - (2 * CheckPeriod);
        _progressBytes = options.ProgressBytes;
        Start();
    }

    /// <summary>How often to ask.</summary>
    public TimeSpan CheckPeriod { get; }

    /// <summary>Silence at which the peer counts as dead: two looks less than the budget, one that is spent until the next look and one
    /// for the news to arrive, so that whoever waits for it has it within the budget.</summary>
    public TimeSpan Patience { get; }

    /// <summary>Time stamp of the last progress heard.</summary>
    public long ReceivedAt => Volatile.Read(ref _receivedAt);

    /// <summary>Time stamp of the last progress of a write; 0 while nothing is being written.</summary>
    public long WriteProgressAt => Volatile.Read(ref _writeProgressAt);

    public void Start()
    {
        long now = _time.GetTimestamp();
        _checkedAt = _pingedAt = _excusedAt = now;
        Volatile.Write(ref _receivedAt, now);
        Volatile.Write(ref _sentAt, now);
    }

    public void BytesReceived(int bytes)
    {
        _partialBytes += bytes;
        if (_partialBytes >= _progressBytes)
        {
            FrameReceived();
        }
    }

    public void FrameReceived()
    {
        _partialBytes = 0;
        Volatile.Write(ref _receivedAt, _time.GetTimestamp());
    }

    /// <summary>The time now.</summary>
    public long Timestamp => _time.GetTimestamp();

    /// <summary>The time since then.</summary>
    public TimeSpan Elapsed(long timestamp) => _time.GetElapsedTime(timestamp);

    /// <summary>How long nothing was read because what had come found no place, so far; a pause that lasts counts already.</summary>
    public TimeSpan Paused
    {
        get
        {
            // In this order a pause that ends meanwhile is missed until the next look, not counted twice.
            long over = Volatile.Read(ref _pausedTicks);
            long since = Volatile.Read(ref _pausedAt);
            return new TimeSpan(over) + (since == 0 ? TimeSpan.Zero : _time.GetElapsedTime(since));
        }
    }

    public void PauseReceiving()
    {
        Volatile.Write(ref _pausedAt, _time.GetTimestamp());
        _receivePaused = true;
    }

    public void ResumeReceiving()
    {
        // The order matters: the pause ends only after the time it lasted is forgiven.
        FrameReceived();
        _receivePaused = false;
        TimeSpan paused = _time.GetElapsedTime(_pausedAt);
        Volatile.Write(ref _pausedAt, 0);
        Volatile.Write(ref _pausedTicks, _pausedTicks + paused.Ticks);
    }

    public void WriteProgressed() => Volatile.Write(ref _writeProgressAt, _time.GetTimestamp());

    public void WriteEnded()
    {
        Volatile.Write(ref _sentAt, _time.GetTimestamp());
        Volatile.Write(ref _writeProgressAt, 0);
    }

    /// <summary>Judges now; asked every <see cref="CheckPeriod"/> by one timer.</summary>
    public LivenessVerdict Check()
    {
        long now = _time.GetTimestamp();
        if (_time.GetElapsedTime(_checkedAt, now) > CheckPeriod * 6)
        {
            // This process did not run (frozen, starved): the peer's silence may be ours, so it gets its whole budget again.
            _excusedAt = now;
        }

        _checkedAt = now;
        TimeSpan silent = _receivePaused ? TimeSpan.Zero : Since(Volatile.Read(ref _receivedAt), now);
        if (silent >= Patience)
        {
            return LivenessVerdict.PeerSilent;
        }

        long writing = Volatile.Read(ref _writeProgressAt);
        if (writing != 0 && Since(writing, now) >= Patience)
        {
            return LivenessVerdict.PeerNotReading;
        }

        // Also when only we are silent: a peer that must not send to us at the moment still has to see that we live.
        bool quiet = silent >= _interval || (writing == 0 && Since(Volatile.Read(ref _sentAt), now) >= _interval);
        if (!quiet || _time.GetElapsedTime(_pingedAt, now) < _interval)
        {
            return LivenessVerdict.Alive;
        }

        _pingedAt = now;
        return LivenessVerdict.PingDue;
    }

    private TimeSpan Since(long timestamp, long now) => _time.GetElapsedTime(Math.Max(timestamp, _excusedAt), now);
}
