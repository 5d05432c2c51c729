namespace ClusterTransfer.Model.Tests.Transfers;

/// <summary>What another node says of its connections.</summary>
public sealed class ConnectionReportTests
{
    private static readonly ConnectionReport Report = new(3, new NodeId("beta"), "[::1]:7402", DateTimeOffset.UnixEpoch, 1, 0, 0);

    [Fact]
    public void Quality_ThatCanBe_IsTaken()
    {
        ConnectionReport taken = Report with { RoundTripMs = 600.5, DeliveryRate = 0, SentAgain = 1 };

        Assert.Equal((600.5, 0L, 1.0), (taken.RoundTripMs, taken.DeliveryRate, taken.SentAgain));
    }

    [Theory]
    [InlineData(-0.1, -1L, 1.01)]
    [InlineData(1e300, long.MinValue, -1e-9)]
    [InlineData(double.NaN, -5L, double.NaN)]
    public void Quality_ThatCannotBe_IsUnknown(double roundTripMs, long deliveryRate, double sentAgain)
    {
        ConnectionReport taken = Report with { RoundTripMs = roundTripMs, DeliveryRate = deliveryRate, SentAgain = sentAgain };

        Assert.Equal((null, null, null), (taken.RoundTripMs, taken.DeliveryRate, taken.SentAgain));
    }
}
