using ClusterTransfer.Fuzz;
using ClusterTransfer.Fuzz.Hocon;

namespace ClusterTransfer.Hocon.Tests;

/// <summary>The short form of <c>scripts/fuzz.sh hocon</c>: a tree or a <see cref="HoconException"/> with a place inside the text, nothing else, and soon.</summary>
public sealed class FuzzTests
{
    [Theory]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    public void MadeUpAndDamagedTexts_NeverThrowAnythingElse_AndRenderToThemselves(int seed)
    {
        var run = new FuzzRun(new HoconTarget(), seed);
        run.Run(0, 4_000);

        // Not vacuous: many of them are valid, many are not.
        Assert.InRange(run.Valid, 500, 3_500);
        Assert.True(run.Slowest < TimeSpan.FromSeconds(20), $"One took {run.Slowest}.");
    }

    [Fact]
    public void Corpus_Undamaged_IsMostlyValid()
    {
        int valid = HoconCorpus.Conf.Count(text => Record.Exception(() => HoconParser.ParseValue(text, "test")) is null);
        Assert.InRange(valid, HoconCorpus.Conf.Length - 2, HoconCorpus.Conf.Length);
    }
}
