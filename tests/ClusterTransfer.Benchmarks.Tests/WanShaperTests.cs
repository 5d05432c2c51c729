using ClusterTransfer.Benchmarks.Transfer.Networks;

namespace ClusterTransfer.Benchmarks.Tests;

public sealed class WanShaperTests
{
    private const int Packet = 1_000;
    private static readonly WanSettings Link = new(TimeSpan.FromMilliseconds(50), BitsPerSecond: 8_000_000, LossPercent: 0);   // 1,000 bytes take 1 ms.

    [Fact]
    public void Packet_OnAnIdleLink_TakesItsLengthAndTheDelay() => Assert.Equal(7_000_000 + 1_000_000 + 50_000_000, new WanShaper(Link, 1).Arrival(7_000_000, Packet));

    [Fact]
    public void Packets_AtOnce_ArriveAtTheRate()
    {
        var shaper = new WanShaper(Link, 1);

        long?[] arrivals = [.. Enumerable.Range(0, 4).Select(_ => shaper.Arrival(0, Packet))];

        Assert.Equal([51_000_000, 52_000_000, 53_000_000, 54_000_000], arrivals);
    }

    [Fact]
    public void Packets_MoreThanTheQueueHolds_AreDropped()
    {
        var shaper = new WanShaper(Link, 1);

        int passed = Enumerable.Range(0, 1_000).Count(_ => shaper.Arrival(0, Packet) is not null);

        Assert.Equal(100_000, Link.QueueBytes);   // One round trip of 100 ms.
        Assert.Equal(101, passed);
        Assert.Equal((101, 899, 0), (shaper.Passed, shaper.Dropped, shaper.Lost));
        Assert.NotNull(shaper.Arrival(2_000_000, Packet));
    }

    [Fact]
    public void Loss_IsOfTheSizeAskedFor_AndTheSameEachTime()
    {
        bool[] once = Fates();

        Assert.Equal(once, Fates());
        Assert.InRange(once.Count(isLost => isLost), 800, 1_200);

        static bool[] Fates()
        {
            var shaper = new WanShaper(Link with { LossPercent = 1 }, 1);
            return [.. Enumerable.Range(0, 100_000).Select(index => shaper.Arrival(index * 1_000_000L, Packet) is null)];
        }
    }
}
