using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Policies;

namespace ClusterTransfer.Transfers.Tests.Policies;

public sealed class BadChunkScoreTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public void AddBad_UpToTheLimit_IsAtLimitOnlyThen()
    {
        BadChunkScore score = Score(new());

        Bad(score, 2);
        Assert.False(score.IsAtLimit);
        Bad(score, 1);

        Assert.True(score.IsAtLimit);
        Assert.Equal(new ConnectionHealth(3, 3, 0, 0, "damaged"), score.Health);
    }

    [Fact]
    public void AddGood_TwoByDefault_ForgiveOne()
    {
        BadChunkScore score = Score(new());
        Bad(score, 2);

        Good(score, 1);
        Assert.Equal(2, score.Health.Score);
        Good(score, 1);
        Assert.Equal(1, score.Health.Score);
        Good(score, 2);

        Assert.Equal(new ConnectionHealth(0, 2, 4, 2, "damaged"), score.Health);
    }

    [Fact]
    public void AddGood_ManyBefore_AreNoSavings()
    {
        BadChunkScore score = Score(new());
        Good(score, 1000);
        Bad(score, 1);
        Good(score, 2);
        Good(score, 1);

        Bad(score, 3);

        Assert.True(score.IsAtLimit);
    }

    [Fact]
    public void AddGood_ByTimeOnly_ForgivesNothing()
    {
        BadChunkScore score = Score(new() { Decay = BadChunkDecay.Time });
        Bad(score, 2);

        Good(score, 100);

        Assert.Equal(2, score.Health.Score);
    }

    [Theory]
    [InlineData(BadChunkDecay.Time, 0)]
    [InlineData(BadChunkDecay.Both, 0)]
    [InlineData(BadChunkDecay.Good, 2)]
    public void ForgiveByTime_AfterTwiceTheTime_ForgivesTwoUnlessOnlyGoodChunksCount(BadChunkDecay decay, int left)
    {
        BadChunkScore score = Score(new() { Decay = decay, ForgiveAfter = TimeSpan.FromSeconds(10) });
        Bad(score, 2);

        _time.Advance(TimeSpan.FromSeconds(9));
        score.ForgiveByTime();
        Assert.Equal(2, score.Health.Score);
        _time.Advance(TimeSpan.FromSeconds(11));
        score.ForgiveByTime();

        Assert.Equal(left, score.Health.Score);
        Assert.Null(score.NextForgiveness);
    }

    [Fact]
    public void AddBad_BeforeTimeForgives_StartsTheTimeAnew()
    {
        BadChunkScore score = Score(new() { Decay = BadChunkDecay.Time, ForgiveAfter = TimeSpan.FromSeconds(10) });
        Bad(score, 1);
        _time.Advance(TimeSpan.FromSeconds(9));
        Bad(score, 1);

        _time.Advance(TimeSpan.FromSeconds(9));
        score.ForgiveByTime();

        Assert.Equal((2, TimeSpan.FromSeconds(1)), (score.Health.Score, score.NextForgiveness));
    }

    [Fact]
    public void Share_WithAnotherSession_OnlyEverTightens()
    {
        var strict = new BadChunkPolicy { Limit = 2, GoodPerBad = 5 };
        var score = new BadChunkScore(_time);
        score.Share(new() { Limit = 3 });
        score.Share(strict);
        score.Share(new() { Limit = 50 });
        score.Share(new() { Limit = 2, GoodPerBad = 1 });

        Assert.Equal(strict, score.Policy);
    }

    private BadChunkScore Score(BadChunkPolicy policy)
    {
        var score = new BadChunkScore(_time);
        score.Share(policy);
        return score;
    }

    private static void Bad(BadChunkScore score, int times) => Repeat(times, () => score.AddBad("damaged"));

    private static void Good(BadChunkScore score, int times) => Repeat(times, score.AddGood);

    private static void Repeat(int times, Action action)
    {
        for (int i = 0; i < times; i++)
        {
            action();
        }
    }
}
