using ClusterTransfer.Transfers.Compression;
using ClusterTransfer.Wire.Compression;

namespace ClusterTransfer.Transfers.Tests.Compression;

/// <summary>Row TE-12: the choice, for text on one processor: LZ4 at 500 MB/s to 0.6, Zstandard at 350 MB/s to 0.4.</summary>
public sealed class CodecPlanTests
{
    private static readonly CodecPlan.Measure[] Both = [new(PayloadCodec.Lz4, 500e6, 0.6), new(PayloadCodec.Zstandard, 350e6, 0.4)];

    [Theory]
    [InlineData(25e6, 2, PayloadCodec.Zstandard)]       // 200 Mbit/s
    [InlineData(125e6, 2, PayloadCodec.Zstandard)]      // 1 Gbit/s
    [InlineData(125e6, 0.9, PayloadCodec.Zstandard)]    // hardly a processor: 312 MB/s against 208
    [InlineData(400e6, 2, PayloadCodec.Zstandard)]
    [InlineData(600e6, 2, PayloadCodec.Lz4)]
    [InlineData(600e6, 1, PayloadCodec.None)]
    [InlineData(1.2e9, 2, PayloadCodec.None)]           // faster than any of them
    [InlineData(125e6, 0.2, PayloadCodec.None)]         // nobody is free to do it
    [InlineData(125e6, 0, PayloadCodec.None)]
    public void Choose_ByLinkAndProcessors_TakesTheFastest(double link, double processors, PayloadCodec expected) =>
        Assert.Equal(expected, CodecPlan.Choose(link, processors, Both, PayloadCodec.None));

    [Fact]
    public void Choose_WhenDataDoesNotGetShorter_IsNone() =>
        Assert.Equal(PayloadCodec.None, CodecPlan.Choose(25e6, 2, [new(PayloadCodec.Lz4, 500e6, 0.98), new(PayloadCodec.Zstandard, 350e6, 0.95)], PayloadCodec.None));

    // Where two are about as good, the noise of what is measured must not go back and forth between them.
    [Fact]
    public void Choose_BetweenTwoCodecs_ChangesForATenthMoreOnly()
    {
        CodecPlan.Measure[] close = [new(PayloadCodec.Lz4, 500e6, 0.6), new(PayloadCodec.Zstandard, 480e6, 0.5)];

        Assert.Equal(PayloadCodec.Lz4, CodecPlan.Choose(290e6, 1, close, PayloadCodec.Lz4));              // 483 and 480 MB/s
        Assert.Equal(PayloadCodec.Zstandard, CodecPlan.Choose(290e6, 1, close, PayloadCodec.Zstandard));
        Assert.Equal(PayloadCodec.Zstandard, CodecPlan.Choose(100e6, 1, close, PayloadCodec.Lz4));        // 167 and 200
    }

    [Fact]
    public void Choose_NearTheEdge_StaysWithWhatItHas()
    {
        CodecPlan.Measure[] only = [new(PayloadCodec.Lz4, 500e6, 0.6)];

        Assert.Equal(PayloadCodec.None, CodecPlan.Choose(475e6, 1, only, PayloadCodec.None));   // 500 MB/s are not worth it
        Assert.Equal(PayloadCodec.Lz4, CodecPlan.Choose(475e6, 1, only, PayloadCodec.Lz4));
        Assert.Equal(PayloadCodec.None, CodecPlan.Choose(505e6, 1, only, PayloadCodec.Lz4));
    }
}
