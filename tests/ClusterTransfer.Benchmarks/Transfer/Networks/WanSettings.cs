namespace ClusterTransfer.Benchmarks.Transfer.Networks;

/// <summary>What a wide-area link does to packets, the same in both directions.</summary>
/// <param name="Delay">Of one direction.</param>
/// <param name="BitsPerSecond">Of one direction, counting whole IP packets.</param>
/// <param name="LossPercent">Packets lost by chance, in percent.</param>
internal sealed record WanSettings(TimeSpan Delay, long BitsPerSecond, double LossPercent)
{
    /// <summary>Bytes that wait before the link until more are dropped: what it carries in one round trip, as routers are commonly built.</summary>
    public long QueueBytes => Math.Max(64_000, (long)(BitsPerSecond / 8 * 2 * Delay.TotalSeconds));
}
