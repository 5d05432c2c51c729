using ClusterTransfer.Benchmarks.Transfer.Results;

namespace ClusterTransfer.Benchmarks.Tests;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 3, 2 }, 2.5)]
    [InlineData(new double[] { 7 }, 7)]
    [InlineData(new double[0], double.NaN)]
    public void Median_IsTheMiddle(double[] values, double expected) => Assert.Equal(expected, Statistics.Median(values));

    [Theory]
    [InlineData(2, 5, 2.5)]
    [InlineData(5, 2, 0.4)]
    [InlineData(0, 2, double.NaN)]
    [InlineData(2, double.NaN, double.NaN)]
    public void Speedup_IsTheOthersTimeOverOurs(double ours, double other, double expected) => Assert.Equal(expected, Statistics.Speedup(ours, other));

    [Fact]
    public void Rotate_GivesEachRoundAllItemsInAnotherOrder()
    {
        string[] items = ["a", "b", "c"];

        string[] rounds = [.. Enumerable.Range(0, 6).Select(round => string.Concat(Statistics.Rotate(items, round)))];

        Assert.Equal(["abc", "acb", "cab", "cba", "bca", "bac"], rounds);
    }

    [Fact]
    public void Rotate_OfNothing_IsNothing() => Assert.Empty(Statistics.Rotate<string>([], 3));
}
