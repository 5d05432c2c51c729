using ClusterTransfer.Benchmarks.Transfer.Data;

namespace ClusterTransfer.Benchmarks.Transfer.Networks;

/// <summary>Decides when a packet leaves the far end of one direction, or that it never does.</summary>
/// <param name="settings">The link.</param>
/// <param name="seed">Decides which packets are lost: the n-th packet always has the same fate.</param>
internal sealed class WanShaper(WanSettings settings, ulong seed)
{
    private readonly SeededBytes _random = new(seed);
    private readonly double _nanosecondsPerByte = 8e9 / settings.BitsPerSecond;
    private readonly long _delay = (long)settings.Delay.TotalNanoseconds;
    private long _idleFrom;

    /// <summary>Packets lost by chance.</summary>
    public long Lost { get; private set; }

    /// <summary>Packets dropped because the queue was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Packets that went through.</summary>
    public long Passed { get; private set; }

    /// <summary>Takes a packet.</summary>
    /// <param name="now">In nanoseconds of any steady clock.</param>
    /// <param name="length">Of the packet in bytes.</param>
    /// <returns>When it arrives, by the same clock, never before the one before it; null when it does not.</returns>
    public long? Arrival(long now, int length)
    {
        if (_random.Fraction() * 100 < settings.LossPercent)
        {
            Lost++;
            return null;
        }

        long waits = Math.Max(0, _idleFrom - now);
        if (waits > settings.QueueBytes * _nanosecondsPerByte)
        {
            Dropped++;
            return null;
        }

        Passed++;
        _idleFrom = now + waits + (long)(length * _nanosecondsPerByte);
        return _idleFrom + _delay;
    }
}
