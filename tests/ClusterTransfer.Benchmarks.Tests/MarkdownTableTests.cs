using ClusterTransfer.Benchmarks.Transfer.Results;

namespace ClusterTransfer.Benchmarks.Tests;

public sealed class MarkdownTableTests
{
    [Fact]
    public void Table_SetsNumbersToTheRight() => Assert.Equal(
        "| Tool | s |\n|---|---:|\n| ct | 1.5 |\n",
        new MarkdownTable("Tool", ">s").Add("ct", "1.5").ToString());

    [Fact]
    public void Cell_CannotBreakTheTable() => Assert.Equal(
        "| a |\n|---|\n| x\\|y  z |\n",
        new MarkdownTable("a").Add("x|y\r\nz").ToString());

    [Fact]
    public void Row_OfAnotherLength_IsRefused() => Assert.Throws<ArgumentException>(() => new MarkdownTable("a", "b").Add("c"));
}
