using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Pacing;

namespace ClusterTransfer.Transport.Tests.Pacing;

/// <summary>The rates of nodes, peers and transfers, alone and together, in virtual time.</summary>
public sealed class SendLimitsTests
{
    private const double Tolerance = 0.03;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WriteTime = TimeSpan.FromMilliseconds(2);

    public static TheoryData<long, LimitScope> Alone()
    {
        var data = new TheoryData<long, LimitScope>();
        foreach (long rate in new[] { 64L * 1024, 1_000_000, 20_000_000, 400_000_000, 2_000_000_000 })
        {
            foreach (LimitScope scope in Enum.GetValues<LimitScope>())
            {
                data.Add(rate, scope);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Alone))]
    public void Rate_OverFiveSeconds_IsThatOfTheLimit(long rate, LimitScope scope)
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            using var run = new PacingRun(seed);
            var random = new Random(seed);
            SendShare share = Limited(run, scope, rate);
            PacingRun.Sending sending = run.Start(share, random.Next(4, 17), WriteTimeAt(rate));

            AssertRate(rate, run.RatesOver(Window, sending)[0], $"seed {seed}");
            AssertRate(rate, run.RatesOver(Window, sending)[0], $"seed {seed}, later");
        }
    }

    [Theory]
    [InlineData(LimitScope.Transfer)]
    [InlineData(LimitScope.Peer)]
    [InlineData(LimitScope.Node)]
    public void Rate_AfterIdleTime_StaysWithinItsBounds(LimitScope scope)
    {
        const long Rate = 10_000_000;
        using var run = new PacingRun(1);
        SendShare share = Limited(run, scope, Rate);
        run.Time.Advance(TimeSpan.FromHours(1));

        AssertRate(Rate, run.RatesOver(Window, run.Start(share, 1, TimeSpan.FromTicks(1)))[0], "after an hour");
    }

    [Theory]
    [InlineData(LimitScope.Transfer)]
    [InlineData(LimitScope.Peer)]
    [InlineData(LimitScope.Node)]
    public void Rate_ChangedWhileSending_IsTheNewOneAtOnce(LimitScope scope)
    {
        for (int seed = 1; seed <= 10; seed++)
        {
            var random = new Random(seed);
            using var run = new PacingRun(seed);
            SendShare share = Limited(run, scope, 1_000_000);
            PacingRun.Sending sending = run.Start(share, 4, TimeSpan.FromTicks(random.Next(1, 1000)));

            for (int change = 0; change < 10; change++)
            {
                long rate = (long)(64 * 1024 * Math.Pow(2, random.NextDouble() * 12));
                Change(run, share, scope, rate);
                AssertRate(rate, run.RatesOver(Window, sending)[0], $"seed {seed}, change {change}");
            }
        }
    }

    [Fact]
    public void Rates_OfNodePeersAndTransfersTogether_AreTheLeastOfEach()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            using var run = new PacingRun(seed);
            run.Limits.Set(20_000_000, new Dictionary<NodeId, long> { [PacingRun.Beta] = 6_000_000 });
            PacingRun.Sending slow = run.Start(run.Limits.Join(PacingRun.Beta, 1, 1_000_000), 4, WriteTime);      // by itself
            PacingRun.Sending beta1 = run.Start(run.Limits.Join(PacingRun.Beta, 1, null), 1, TimeSpan.FromTicks(99));
            PacingRun.Sending beta3 = run.Start(run.Limits.Join(PacingRun.Beta, 3, null), 8, WriteTime);          // of what is left of the peer, 5 MB/s, 1 to 3
            PacingRun.Sending gamma2 = run.Start(run.Limits.Join(PacingRun.Gamma, 2, null), 4, TimeSpan.FromTicks(99));
            PacingRun.Sending gamma5 = run.Start(run.Limits.Join(PacingRun.Gamma, 5, null), 4, TimeSpan.FromTicks(99)); // of what is left of the node, 14 MB/s, 2 to 5

            double[] rates = run.RatesOver(Window, slow, beta1, beta3, gamma2, gamma5);

            double[] wanted = [1_000_000, 1_250_000, 3_750_000, 4_000_000, 10_000_000];
            for (int i = 0; i < wanted.Length; i++)
            {
                AssertRate(wanted[i], rates[i], $"seed {seed}, transfer {i}");
            }

            AssertRate(20_000_000, rates.Sum(), $"seed {seed}, node");
        }
    }

    [Fact]
    public void Rates_OfAnyLimits_AreFairExactAndLeaveNothing()
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            using var run = new PacingRun(seed);
            long? Maybe(double from, double to) => random.Next(3) == 0 ? null : (long)(from * Math.Pow(to / from, random.NextDouble()));
            NodeId[] peers = [PacingRun.Beta, PacingRun.Gamma, new("delta")];
            Dictionary<NodeId, long> perPeer = [];
            foreach (NodeId peer in peers)
            {
                if (Maybe(2e6, 40e6) is { } limit)
                {
                    perPeer[peer] = limit;
                }
            }

            long node = (long)(5e6 * Math.Pow(10, random.NextDouble()));
            run.Limits.Set(node, perPeer);
            FairRates.One[] transfers = [.. Enumerable.Range(0, random.Next(2, 13)).Select(_ => new FairRates.One(peers[random.Next(3)], random.Next(1, 9), Maybe(5e5, 2e7)))];
            PacingRun.Sending[] sending =
            [
                .. transfers.Select(one => run.Start(run.Limits.Join(one.Peer, one.Weight, one.Limit), random.Next(1, 9), TimeSpan.FromTicks(random.Next(1, 500)))),
            ];

            double[] rates = run.RatesOver(Window, sending);

            double[] wanted = FairRates.Of(node, perPeer, transfers);
            for (int i = 0; i < wanted.Length; i++)
            {
                AssertRate(wanted[i], rates[i], $"seed {seed}, transfer {i} of {transfers.Length}, {transfers[i]}");
            }
        }
    }

    [Theory]
    [InlineData(2, 1_000_000L)]
    [InlineData(7, 20_000_000L)]
    [InlineData(64, 50_000_000L)]
    [InlineData(64, 2_000_000_000L)]
    public void Shares_OfANode_AreByWeightAndNotByConnections(int transfers, long rate)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            var random = new Random(seed);
            using var run = new PacingRun(seed);
            run.Limits.Set(rate, PacingRun.Nobody);
            double[] weights = [.. Enumerable.Range(0, transfers).Select(_ => (double)random.Next(1, 5))];
            PacingRun.Sending[] sending =
            [
                .. weights.Select(weight => run.Start(run.Limits.Join(PacingRun.Beta, weight, null), random.Next(1, 17), TimeSpan.FromTicks(random.Next(1, 500)))),
            ];

            double[] rates = run.RatesOver(Window, sending);

            AssertRate(rate, rates.Sum(), $"seed {seed}");
            for (int i = 0; i < transfers; i++)
            {
                AssertRate(rate * weights[i] / weights.Sum(), rates[i], $"seed {seed}: transfer {i} of weight {weights[i]} with {sending[i].Connections} connections");
            }
        }
    }

    [Fact]
    public void Shares_OfSixtyFourTransfersWithEightConnections_AreEqual()
    {
        const long Rate = 100_000_000;
        using var run = new PacingRun(1);
        run.Limits.Set(Rate, PacingRun.Nobody);
        PacingRun.Sending[] sending = [.. Enumerable.Range(0, 64).Select(_ => run.Start(run.Limits.Join(PacingRun.Beta, 1, null), 8, TimeSpan.FromTicks(300)))];

        double[] rates = run.RatesOver(Window, sending);

        Assert.All(rates, rate => AssertRate(Rate / 64.0, rate, "one of 64"));
    }

    [Fact]
    public void Share_ThatHasNoUseForIt_LeavesItToTheOthers()
    {
        const long Rate = 10_000_000;
        using var run = new PacingRun(1);
        run.Limits.Set(Rate, PacingRun.Nobody);
        run.Limits.Join(PacingRun.Beta, 10, null);                                                          // asks for nothing
        PacingRun.Sending slow = run.Start(run.Limits.Join(PacingRun.Beta, 10, 500_000), 4, WriteTime);     // may not use its share
        PacingRun.Sending busy = run.Start(run.Limits.Join(PacingRun.Beta, 1, null), 1, TimeSpan.FromTicks(100));

        double[] rates = run.RatesOver(Window, slow, busy);

        AssertRate(500_000, rates[0], "one with a limit of its own");
        AssertRate(Rate - 500_000, rates[1], "the other");
    }

    [Fact]
    public void Share_ThatComesBack_HasItsPartAgainAtOnce()
    {
        using var run = new PacingRun(1);
        run.Limits.Set(10_000_000, PacingRun.Nobody);
        PacingRun.Sending first = run.Start(run.Limits.Join(PacingRun.Beta, 1, null), 4, TimeSpan.FromTicks(100));
        SendShare share = run.Limits.Join(PacingRun.Beta, 4, null);
        AssertRate(10_000_000, run.RatesOver(Window, first)[0], "alone");

        PacingRun.Sending second = run.Start(share, 1, TimeSpan.FromTicks(100));
        double[] rates = run.RatesOver(Window, first, second);

        AssertRate(2_000_000, rates[0], "of weight 1");
        AssertRate(8_000_000, rates[1], "of weight 4");
        run.Limits.Leave(share);
        AssertRate(10_000_000, run.RatesOver(Window, first)[0], "alone again");
    }

    [Theory]
    [InlineData(LimitScope.Transfer)]
    [InlineData(LimitScope.Peer)]
    [InlineData(LimitScope.Node)]
    public async Task Limit_TakenAway_LetsThoseWhoWaitGo(LimitScope scope)
    {
        using var run = new PacingRun(1);
        SendShare share = Limited(run, scope, 64 * 1024);
        Task waiting = new ShareTaker(share).TakePartAsync(64 * 1024, CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);

        Change(run, share, scope, null);

        await waiting.WithinDeadline();
        Assert.Equal(int.MaxValue, await new ShareTaker(share).TakePartAsync(int.MaxValue, CancellationToken.None).AsTask().WithinDeadline());
    }

    [Fact]
    public void Limit_TakenAwayFromTheNode_LeavesThoseOfPeersAndTransfers()
    {
        using var run = new PacingRun(1);
        var peers = new Dictionary<NodeId, long> { [PacingRun.Beta] = 2_000_000 };
        run.Limits.Set(1_000_000, peers);
        PacingRun.Sending one = run.Start(run.Limits.Join(PacingRun.Beta, 1, 500_000), 4, WriteTime);
        PacingRun.Sending other = run.Start(run.Limits.Join(PacingRun.Beta, 1, null), 4, WriteTime);

        run.Limits.Set(null, peers);
        double[] rates = run.RatesOver(Window, one, other);

        AssertRate(500_000, rates[0], "by its own");
        AssertRate(1_500_000, rates[1], "by its peer's");
    }

    [Fact]
    public async Task Wait_ThatIsCancelled_EndsAtOnceAndTakesNothing()
    {
        using var run = new PacingRun(1);
        SendShare share = Limited(run, LimitScope.Node, 100_000);
        using var stopping = new CancellationTokenSource();
        Task cancelled = new ShareTaker(share).TakePartAsync(100_000, stopping.Token).AsTask();
        Task next = new ShareTaker(share).TakePartAsync(10_000, CancellationToken.None).AsTask();

        await stopping.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WithinDeadline());
        run.Time.Advance(TimeSpan.FromMilliseconds(45));   // enough for one part of 4 KiB, not for two
        await next.WithinDeadline();
    }

    [Fact]
    public void Waits_ThatAreCancelledAllTheTime_LeaveTheRateAsItIs()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            var random = new Random(seed);
            using var run = new PacingRun(seed);
            run.Limits.Set(5_000_000, new Dictionary<NodeId, long> { [PacingRun.Beta] = 2_000_000 });
            SendShare share = run.Limits.Join(PacingRun.Beta, 1, null);
            PacingRun.Sending sending = run.Start(share, 4, WriteTime);
            PacingRun.Sending beside = run.Start(run.Limits.Join(PacingRun.Gamma, 1, null), 4, WriteTime);
            (long before, long besideBefore) = (sending.Bytes, beside.Bytes);

            for (TimeSpan passed = TimeSpan.Zero; passed < Window; passed += TimeSpan.FromMilliseconds(5))
            {
                using var stopping = new CancellationTokenSource();
                Task<int> waiting = new ShareTaker(share).TakePartAsync(1_000_000, stopping.Token).AsTask();
                Assert.False(waiting.IsCompleted, "It takes what others wait for.");
                stopping.Cancel();
                Assert.True(waiting.IsCanceled);
                run.Time.Advance(TimeSpan.FromMilliseconds(5));
            }

            AssertRate(2_000_000, (sending.Bytes - before) / Window.TotalSeconds, $"seed {seed}");
            AssertRate(3_000_000, (beside.Bytes - besideBefore) / Window.TotalSeconds, $"seed {seed}, beside it");
        }
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    public void Limit_ThatIsNoRate_IsRefused(long rate)
    {
        using var run = new PacingRun(1);
        run.Limits.Set(1_000_000, PacingRun.Nobody);

        Assert.Throws<ArgumentOutOfRangeException>(() => run.Limits.Set(rate, PacingRun.Nobody));
        Assert.Throws<ArgumentOutOfRangeException>(() => run.Limits.Set(null, new Dictionary<NodeId, long> { [PacingRun.Beta] = rate }));
        Assert.Throws<ArgumentOutOfRangeException>(() => run.Limits.Join(PacingRun.Beta, 1, rate));

        Assert.Equal(1_000_000, run.Limits.Limit);
    }

    private static SendShare Limited(PacingRun run, LimitScope scope, long rate)
    {
        SendShare share = run.Limits.Join(PacingRun.Beta, 1, null);
        Change(run, share, scope, rate);
        return share;
    }

    private static void Change(PacingRun run, SendShare share, LimitScope scope, long? rate)
    {
        switch (scope)
        {
            case LimitScope.Transfer:
                run.Limits.SetOwn(share, rate);
                break;
            case LimitScope.Peer:
                run.Limits.Set(null, rate is { } limit ? new Dictionary<NodeId, long> { [PacingRun.Beta] = limit } : PacingRun.Nobody);
                break;
            default:
                run.Limits.Set(rate, PacingRun.Nobody);
                break;
        }
    }

    // A write that takes longer than its bytes are worth would be the limit itself.
    private static TimeSpan WriteTimeAt(long rate) => TimeSpan.FromTicks(Math.Min(WriteTime.Ticks, 64L * 1024 * TimeSpan.TicksPerSecond / rate));

    private static void AssertRate(double wanted, double achieved, string what) =>
        Assert.True(Math.Abs(achieved - wanted) <= Tolerance * wanted, $"{what}: {achieved:0} bytes/s, want {wanted:0} within 3 %.");
}
