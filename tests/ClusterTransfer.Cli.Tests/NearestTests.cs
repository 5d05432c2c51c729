namespace ClusterTransfer.Cli.Tests;

public sealed class NearestTests
{
    [Theory]
    [InlineData("cpp", "cp")]
    [InlineData("csncel", "cancel")]
    [InlineData("acncel", "cancel")]
    [InlineData("loc", "locations")]
    [InlineData("xyzzy", null)]
    public void Of_FindsWhatWasMeant(string text, string? expected) =>
        Assert.Equal(expected, Nearest.Of(text, ["cp", "ls", "cancel", "locations", "nodes"]));
}
