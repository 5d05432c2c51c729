using ClusterTransfer.Cli.Output;

namespace ClusterTransfer.Cli.Tests;

public sealed class UnitsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "0.98 KiB")]
    [InlineData(1536, "1.50 KiB")]
    [InlineData(10 * 1024, "10.0 KiB")]
    [InlineData(1023 * 1024, "1.00 MiB")]
    [InlineData(4L << 30, "4.00 GiB")]
    [InlineData(123L << 30, "123 GiB")]
    [InlineData(long.MaxValue, "8.00 EiB")]
    [InlineData(-5, "0 B")]
    public void Bytes_HaveThreeDigits(long bytes, string text) => Assert.Equal(text, Units.Bytes(bytes));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 3, 33.3)]
    [InlineData(9999, 10000, 99.9)]
    [InlineData(10, 10, 99.9)]
    [InlineData(11, 10, 99.9)]
    public void Percent_NeverSaysHundred(long part, long whole, double percent) => Assert.Equal(percent, Units.Percent(part, whole));

    [Theory]
    [InlineData(0, "0:00")]
    [InlineData(59.6, "1:00")]
    [InlineData(3723, "1:02:03")]
    [InlineData(90061, "1d 01:01:01")]
    public void Duration_IsShort(double seconds, string text) => Assert.Equal(text, Units.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("30", 30.0)]
    [InlineData("30s", 30.0)]
    [InlineData("1.5m", 90.0)]
    [InlineData("2h", 7200.0)]
    [InlineData("1d", 86400.0)]
    [InlineData("", null)]
    [InlineData("s", null)]
    [InlineData("-5s", null)]
    [InlineData("5w", null)]
    [InlineData("9999999d", null)]
    public void Duration_IsRead(string text, double? seconds)
    {
        bool valid = Units.TryParseDuration(text, out TimeSpan duration);

        Assert.Equal(seconds, valid ? duration.TotalSeconds : null);
    }
}
