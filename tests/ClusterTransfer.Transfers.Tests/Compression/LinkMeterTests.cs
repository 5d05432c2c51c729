using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Compression;

namespace ClusterTransfer.Transfers.Tests.Compression;

/// <summary>What the link takes, apart from what the source gives it.</summary>
public sealed class LinkMeterTests
{
    private const int MiB = 1024 * 1024;

    private readonly VirtualTime _time = new();
    private readonly LinkMeter _meter;

    public LinkMeterTests() => _meter = new LinkMeter(_time);

    [Fact]
    public void BytesPerSecond_OfASteadyLink_IsItsRate()
    {
        for (int i = 0; i < 40; i++)
        {
            Send(MiB, TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(10.0 * MiB, _meter.PerSecond!.Value.Bytes, 0.01 * MiB);
        Assert.Equal(20.0 * MiB, _meter.PerSecond!.Value.RawBytes, 0.02 * MiB);
    }

    [Fact]
    public void BytesPerSecond_WhileNothingIsToBeSent_CountsNoTime()
    {
        for (int i = 0; i < 10; i++)
        {
            Send(MiB, TimeSpan.FromMilliseconds(100));
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(10.0 * MiB, _meter.PerSecond!.Value.Bytes, 0.01 * MiB);
    }

    [Fact]
    public void TakeWaiting_OfFramesThatComeAndGo_IsTheirNumberOnAverage()
    {
        _meter.Queued();
        _time.Advance(TimeSpan.FromSeconds(1));
        _meter.Queued();
        _meter.Queued();
        _time.Advance(TimeSpan.FromSeconds(1));
        _meter.Left(MiB, MiB);
        _meter.Left(MiB, MiB);
        _meter.Left(MiB, MiB);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(1, _meter.TakeWaiting(), 3);   // 1 and 3 and twice none
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _meter.TakeWaiting());
    }

    [Fact]
    public void BytesPerSecond_WithSeveralFramesAtOnce_CountsTheTimeOnce()
    {
        for (int i = 0; i < 10; i++)
        {
            _meter.Queued();
            _meter.Queued();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            _meter.Left(MiB, MiB);
            _meter.Left(MiB, MiB);
        }

        Assert.Equal(20.0 * MiB, _meter.PerSecond!.Value.Bytes, 0.01 * MiB);
    }

    [Fact]
    public void BytesPerSecond_WhenTheLinkGetsSlower_Follows()
    {
        for (int i = 0; i < 100; i++)
        {
            Send(MiB, TimeSpan.FromMilliseconds(10));
        }

        for (int i = 0; i < 80; i++)
        {
            Send(MiB, TimeSpan.FromMilliseconds(100));
        }

        Assert.InRange(_meter.PerSecond!.Value.Bytes, 9.5 * MiB, 11 * MiB);
    }

    [Fact]
    public void BytesPerSecond_OfALinkThatStandsStill_Falls()
    {
        Send(4 * MiB, TimeSpan.FromMilliseconds(400));
        _meter.Queued();
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.InRange(_meter.PerSecond!.Value.Bytes, 0.3 * MiB, 0.5 * MiB);
    }

    [Theory]
    [InlineData(MiB - 1, 1000)]
    [InlineData(64 * MiB, 100)]
    public void BytesPerSecond_AfterTooLittle_IsUnknown(int bytes, int milliseconds)
    {
        Send(bytes, TimeSpan.FromMilliseconds(milliseconds));

        Assert.Null(_meter.PerSecond);
    }

    [Fact]
    public void Left_OfAFrameThatWasNotWritten_CountsItsTimeOnly()
    {
        Send(4 * MiB, TimeSpan.FromMilliseconds(400));
        Send(0, TimeSpan.FromMilliseconds(400));

        Assert.Equal(5.0 * MiB, _meter.PerSecond!.Value.Bytes, 0.01 * MiB);
    }

    private void Send(int bytes, TimeSpan took)
    {
        _meter.Queued();
        _time.Advance(took);
        _meter.Left(bytes, 2 * bytes);
    }
}
