namespace ClusterTransfer.Transfers.Compression;

/// <summary>How many bytes a second the connections of a session take while something is there to be sent. Thread-safe.</summary>
/// <remarks>Time in which nothing waits to be sent is not counted, so that a slow source does not look like a slow link.</remarks>
internal sealed class LinkMeter(TimeProvider time)
{
    /// <summary>Less than this of both says nothing yet: the first bytes only fill the buffers of sockets.</summary>
    private const long LeastBytes = 1024 * 1024;

    private static readonly TimeSpan LeastTime = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private int _waiting;
    private long _busySince;
    private long _bytes;
    private long _rawBytes;
    private TimeSpan _busy;
    private TimeSpan _waited;           // of all that waited, since somebody asked for it
    private long _askedAt = time.GetTimestamp();

    /// <summary>A frame was given to a connection.</summary>
    public void Queued()
    {
        lock (_gate)
        {
            CountBusyLocked();
            if (_waiting++ == 0)
            {
                _busySince = time.GetTimestamp();
            }
        }
    }

    /// <summary>It was written, with so many bytes that stand for so many of the file; or will not be, with 0.</summary>
    public void Left(int bytes, int rawBytes)
    {
        lock (_gate)
        {
            CountBusyLocked();
            _waiting--;
            _bytes += bytes;
            _rawBytes += rawBytes;

            // What is old fades: the sums of more than a window are halved.
            if (_busy > Window)
            {
                (_busy, _bytes, _rawBytes) = (_busy / 2, _bytes / 2, _rawBytes / 2);
            }
        }
    }

    /// <summary>Bytes a second, and bytes of the file that they stand for; null while too little was sent to say.</summary>
    public (double Bytes, double RawBytes)? PerSecond
    {
        get
        {
            lock (_gate)
            {
                CountBusyLocked();
                return _bytes >= LeastBytes && _busy >= LeastTime ? (_bytes / _busy.TotalSeconds, _rawBytes / _busy.TotalSeconds) : null;
            }
        }
    }

    /// <summary>How many frames waited to be written, on average since this was asked last.</summary>
    public double TakeWaiting()
    {
        lock (_gate)
        {
            CountBusyLocked();
            long now = time.GetTimestamp();
            TimeSpan passed = time.GetElapsedTime(_askedAt, now);
            TimeSpan waited = _waited;
            (_askedAt, _waited) = (now, TimeSpan.Zero);
            return passed > TimeSpan.Zero ? waited / passed : _waiting;
        }
    }

    private void CountBusyLocked()
    {
        if (_waiting > 0)
        {
            long now = time.GetTimestamp();
            TimeSpan passed = time.GetElapsedTime(_busySince, now);
            _busy += passed;
            _waited += _waiting * passed;
            _busySince = now;
        }
    }
}
