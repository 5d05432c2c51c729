using ClusterTransfer.Benchmarks.Transfer;

namespace ClusterTransfer.Benchmarks.Tests;

public sealed class TransferArgumentsTests
{
    [Fact]
    public void Words_AreUnderstood()
    {
        TransferArguments arguments = TransferArguments.Parse(["--data", "tree,big", "--tools", "cp,ct", "--runs", "3", "--size", "64MiB", "--files", "10", "--touch", "0", "--keep"]);

        Assert.Equal(["tree", "big"], arguments.Data);
        Assert.Equal(["cp", "ct"], arguments.Tools.Select(tool => tool.Name));
        Assert.Equal((3, 64L << 20, 10, 0L, true, false), (arguments.Runs, arguments.Size, arguments.Files, arguments.Touch, arguments.Keeps, arguments.Installs));
    }

    [Theory]
    [InlineData("--runs", "0")]
    [InlineData("--runs", "many")]
    [InlineData("--data", "bog")]
    [InlineData("--tools", "ct,ftp")]
    [InlineData("--size", "0")]
    [InlineData("--size", "-1GB")]
    [InlineData("--size", "99999999999GiB")]
    [InlineData("--frobnicate", "1")]
    [InlineData("--runs")]
    public void Words_ThatAreWrong_AreRefused(params string[] words) => Assert.Throws<BenchmarkException>(() => TransferArguments.Parse(words));

    [Theory]
    [InlineData("4GiB", 4L << 30)]
    [InlineData("100MB", 100_000_000)]
    [InlineData("7", 7)]
    public void Bytes_HaveUnits(string text, long expected) => Assert.Equal(expected, TransferArguments.Bytes("--size", text));
}
