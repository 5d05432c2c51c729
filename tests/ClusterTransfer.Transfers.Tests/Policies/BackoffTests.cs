using ClusterTransfer.Transfers.Policies;

namespace ClusterTransfer.Transfers.Tests.Policies;

public sealed class BackoffTests
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    [Fact]
    [Trait("row", "N13")]
    public void Next_EachPause_LiesInTheUpperHalfOfItsCeiling()
    {
        for (int run = 0; run < 50; run++)
        {
            var backoff = new Backoff(Min, Max, Random.Shared.NextDouble);
            for (int attempt = 0; attempt < 12; attempt++)
            {
                double ceiling = Math.Min(Max.TotalMilliseconds, Min.TotalMilliseconds * Math.Pow(2, attempt));
                Assert.InRange(backoff.Next().TotalMilliseconds, ceiling / 2, ceiling);
            }
        }
    }

    [Fact]
    public void Next_AfterVeryManyAttempts_StaysAtMax()
    {
        var backoff = new Backoff(Min, Max, Random.Shared.NextDouble);
        for (int attempt = 0; attempt < 5_000; attempt++)
        {
            Assert.InRange(backoff.Next(), Min / 2, Max);
        }

        Assert.InRange(backoff.Next(), Max / 2, Max);
    }

    [Fact]
    public void Reset_AfterAttempts_StartsAtTheShortestPause()
    {
        var backoff = new Backoff(Min, Max, Random.Shared.NextDouble);
        for (int attempt = 0; attempt < 6; attempt++)
        {
            backoff.Next();
        }

        backoff.Reset();

        Assert.InRange(backoff.Next(), Min / 2, Min);
    }

    [Fact]
    [Trait("row", "N13")]
    public void Next_ManyPauses_AreNotAllTheSame()
    {
        double[] pauses = [.. Enumerable.Range(0, 20).Select(_ => new Backoff(Min, Max, Random.Shared.NextDouble).Next().TotalMilliseconds)];

        Assert.True(pauses.Distinct().Count() > 1, "Jitter spreads nodes that failed together.");
    }
}
