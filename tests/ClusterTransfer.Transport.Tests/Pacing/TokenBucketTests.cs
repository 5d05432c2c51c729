using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Pacing;

namespace ClusterTransfer.Transport.Tests.Pacing;

/// <summary>The rate of a bucket and the shares of those who draw from it, in virtual time.</summary>
public sealed class TokenBucketTests
{
    private const double Tolerance = 0.03;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WriteTime = TimeSpan.FromMilliseconds(2);

    [Theory]
    [InlineData(64L * 1024)]
    [InlineData(1_000_000L)]
    [InlineData(20_000_000L)]
    [InlineData(400_000_000L)]
    [InlineData(2_000_000_000L)]
    public void Rate_OverFiveSeconds_IsThatOfTheBucket(long rate)
    {
        for (int seed = 1; seed <= 10; seed++)
        {
            var run = new PacingRun(seed);
            using var bucket = new TokenBucket(run.Time, rate, TaskCreationOptions.None);
            using BucketShare share = bucket.Join();
            var random = new Random(seed);
            PacingRun.Sender[] senders = [.. Enumerable.Range(0, random.Next(4, 17)).Select(_ => run.Start(share, WriteTimeAt(rate)))];

            run.Time.Advance(Window);
            AssertRate(rate, senders.Sum(sender => sender.Bytes), Window, $"seed {seed}");
            long before = senders.Sum(sender => sender.Bytes);
            run.Time.Advance(Window);
            AssertRate(rate, senders.Sum(sender => sender.Bytes) - before, Window, $"seed {seed}, later");
            run.Stopping.Cancel();
        }
    }

    [Fact]
    public void Rate_AfterIdleTime_StaysWithinItsBounds()
    {
        const long Rate = 10_000_000;
        var run = new PacingRun(1);
        using var bucket = new TokenBucket(run.Time, Rate, TaskCreationOptions.None);
        using BucketShare share = bucket.Join();
        run.Time.Advance(TimeSpan.FromHours(1));

        PacingRun.Sender sender = run.Start(share, TimeSpan.FromTicks(1));
        run.Time.Advance(Window);

        AssertRate(Rate, sender.Bytes, Window, "after an hour");
        run.Stopping.Cancel();
    }

    [Fact]
    public void Rate_ChangedWhileSending_IsTheNewOneAtOnce()
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            var run = new PacingRun(seed);
            using var bucket = new TokenBucket(run.Time, 1_000_000, TaskCreationOptions.None);
            using BucketShare share = bucket.Join();
            PacingRun.Sender[] senders = [.. Enumerable.Range(0, 4).Select(_ => run.Start(share, TimeSpan.FromTicks(random.Next(1, 1000))))];

            for (int change = 0; change < 10; change++)
            {
                long rate = (long)(64 * 1024 * Math.Pow(2, random.NextDouble() * 12));
                bucket.SetRate(rate);
                long before = senders.Sum(sender => sender.Bytes);
                run.Time.Advance(Window);
                AssertRate(rate, senders.Sum(sender => sender.Bytes) - before, Window, $"seed {seed}, change {change}");
            }

            run.Stopping.Cancel();
        }
    }

    [Fact]
    public async Task Rate_TakenAway_LetsThoseWhoWaitGo()
    {
        var time = new VirtualTime();
        using var bucket = new TokenBucket(time, 64 * 1024);
        using BucketShare share = bucket.Join();
        Task waiting = share.TakeAsync(64 * 1024, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);

        bucket.SetRate(null);

        await waiting.WithinDeadline();
        await share.TakeAsync(int.MaxValue, CancellationToken.None).AsTask().WithinDeadline();
    }

    [Fact]
    public async Task Wait_ThatIsCancelled_EndsAtOnceAndTakesNothing()
    {
        var time = new VirtualTime();
        using var bucket = new TokenBucket(time, 100_000);
        using BucketShare share = bucket.Join();
        using var stopping = new CancellationTokenSource();
        Task cancelled = share.TakeAsync(100_000, stopping.Token).AsTask();
        Task next = share.TakeAsync(10_000, CancellationToken.None).AsTask();

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WithinDeadline());
        time.Advance(TimeSpan.FromMilliseconds(45));   // enough for one part of 4 KiB, not for two
        await next.WithinDeadline();
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    public void Rate_ThatIsNone_IsRefused(long rate)
    {
        using var bucket = new TokenBucket(new VirtualTime(), 1_000_000);

        Assert.Throws<ArgumentOutOfRangeException>(() => bucket.SetRate(rate));

        Assert.Equal(1_000_000, bucket.Rate);
    }

    [Theory]
    [InlineData(2, 1_000_000L)]
    [InlineData(7, 20_000_000L)]
    [InlineData(64, 50_000_000L)]
    [InlineData(64, 2_000_000_000L)]
    public void Shares_OfOneBucket_AreByWeightAndNotByConnections(int transfers, long rate)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            var random = new Random(seed);
            var run = new PacingRun(seed);
            using var bucket = new TokenBucket(run.Time, rate, TaskCreationOptions.None);
            double[] weights = [.. Enumerable.Range(0, transfers).Select(_ => (double)random.Next(1, 5))];
            PacingRun.Sender[][] senders =
            [
                .. weights.Select(weight =>
                {
                    BucketShare share = bucket.Join(weight);
                    return Enumerable.Range(0, random.Next(1, 17)).Select(_ => run.Start(share, TimeSpan.FromTicks(random.Next(1, 500)))).ToArray();
                }),
            ];

            TimeSpan window = TimeSpan.FromSeconds(10);
            run.Time.Advance(window);

            AssertRate(rate, senders.Sum(of => of.Sum(sender => sender.Bytes)), window, $"seed {seed}");
            for (int i = 0; i < transfers; i++)
            {
                double wanted = rate * window.TotalSeconds * weights[i] / weights.Sum();
                long got = senders[i].Sum(sender => sender.Bytes);
                double slack = (0.03 * wanted) + bucket.Part;   // one of them may have its next part nearly together
                Assert.True(Math.Abs(got - wanted) <= slack, $"seed {seed}: transfer {i} of weight {weights[i]} with {senders[i].Length} connections got {got}, want {wanted:0}.");
            }

            run.Stopping.Cancel();
        }
    }

    [Fact]
    public void Share_ThatHasNoUseForIt_LeavesItToTheOthers()
    {
        const long Rate = 10_000_000;
        var run = new PacingRun(1);
        using var bucket = new TokenBucket(run.Time, Rate, TaskCreationOptions.None);
        using BucketShare idle = bucket.Join(10);
        using BucketShare busy = bucket.Join();
        PacingRun.Sender sender = run.Start(busy, TimeSpan.FromTicks(100));

        run.Time.Advance(Window);

        AssertRate(Rate, sender.Bytes, Window, "beside an idle share");
        run.Stopping.Cancel();
    }

    // A write that takes longer than its bytes are worth would be the limit itself.
    private static TimeSpan WriteTimeAt(long rate) => TimeSpan.FromTicks(Math.Min(WriteTime.Ticks, 64L * 1024 * TimeSpan.TicksPerSecond / rate));

    private static void AssertRate(long rate, long bytes, TimeSpan window, string what)
    {
        double achieved = bytes / window.TotalSeconds;
        Assert.True(Math.Abs(achieved - rate) <= Tolerance * rate, $"{what}: {achieved:0} bytes/s, want {rate} within 3 %.");
    }
}
