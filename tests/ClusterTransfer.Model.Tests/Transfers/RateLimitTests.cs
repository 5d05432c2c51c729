namespace ClusterTransfer.Model.Tests.Transfers;

public sealed class RateLimitTests
{
    [Theory]
    [InlineData("64K", 65_536L)]
    [InlineData("64KiB", 65_536L)]
    [InlineData("65.536kB", 65_536L)]
    [InlineData("65536", 65_536L)]
    [InlineData("65536 B/s", 65_536L)]
    [InlineData("20M", 20_971_520L)]
    [InlineData("20 MiB/s", 20_971_520L)]
    [InlineData("20MB", 20_000_000L)]
    [InlineData("20MB/s", 20_000_000L)]
    [InlineData("1.5g", 1_610_612_736L)]
    [InlineData("1T", 1L << 40)]
    public void Parse_OfARate_IsBytesPerSecond(string text, long wanted)
    {
        Assert.True(RateLimit.TryParse(text, out long? rate));
        Assert.Equal(wanted, rate);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    public void Parse_OfNone_IsNoLimit(string text)
    {
        Assert.True(RateLimit.TryParse(text, out long? rate));
        Assert.Null(rate);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0M")]
    [InlineData("-1")]
    [InlineData("-20M")]
    [InlineData("20Q")]
    [InlineData("20Mb")]
    [InlineData("M")]
    [InlineData("1")]
    [InlineData("63K")]
    [InlineData("65535")]
    [InlineData("2T")]
    [InlineData("99999999999999999999999999999999999T")]
    [InlineData("1e9")]
    [InlineData("20 M B")]
    [InlineData("20M/h")]
    [InlineData("unlimited")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    public void Parse_OfAnythingElse_IsRefusedAndNeverUnlimited(string text) => Assert.False(RateLimit.TryParse(text, out _));

    [Theory]
    [InlineData(null, "none")]
    [InlineData(65_536L, "64 KiB/s")]
    [InlineData(20_971_520L, "20 MiB/s")]
    [InlineData(20_000_000L, "20 MB/s")]
    [InlineData(1_500_000L, "1.5 MB/s")]
    [InlineData(123_457L, "123457 bytes/s")]
    public void Text_IsAsExactAsTheLimit(long? rate, string wanted) => Assert.Equal(wanted, RateLimit.Text(rate));

    [Fact]
    public void Text_IsReadBackAsTheSameLimit()
    {
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++)
        {
            long rate = (long)Math.Pow(2, 16 + (random.NextDouble() * 23.9)) / 1000 * 1000;
            if (RateLimit.IsValid(rate) && RateLimit.Text(rate) is { } text && !text.EndsWith("bytes/s", StringComparison.Ordinal))
            {
                Assert.True(RateLimit.TryParse(text, out long? back));
                Assert.Equal(rate, back);
            }
        }
    }
}
