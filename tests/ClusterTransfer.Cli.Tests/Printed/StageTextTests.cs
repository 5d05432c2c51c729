using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Cli.Tests.Printed;

/// <summary>What holds a transfer up, in words.</summary>
public sealed class StageTextTests
{
    public static TheoryData<Stage> Stages => [.. Enum.GetValues<Stage>()];

    [Theory]
    [MemberData(nameof(Stages))]
    public void Stage_HasAPlaceASentenceAndARemedyOfItsOwn(Stage stage)
    {
        BottleneckResource bottleneck = Of(stage, 0.8);
        Stage[] others = [.. Enum.GetValues<Stage>().Where(other => other != stage)];

        Assert.EndsWith($"{stage.ToString().ToLowerInvariant()} 80 %", StageText.Line(bottleneck), StringComparison.Ordinal);
        Assert.DoesNotContain(StageText.Sentence(bottleneck), others.Select(other => StageText.Sentence(Of(other, 0.8))));
        Assert.DoesNotContain(StageText.Remedy(stage), others.Select(StageText.Remedy));
    }

    [Fact]
    public void Line_NamesThreeOthersThatAreWorthIt()
    {
        BottleneckResource bottleneck = new(
            Stage.Network,
            0.5,
            DateTimeOffset.UnixEpoch,
            [
                new StageShare(Stage.Network, 0.5), new StageShare(Stage.Write, 0.2), new StageShare(Stage.Read, 0.1), new StageShare(Stage.Hash, 0.1), new StageShare(Stage.Seal, 0.06),
                new StageShare(Stage.Open, 0.04),
            ]);

        Assert.Equal("network 50 % (write 20 %, read 10 %, hash 10 %)", StageText.Line(bottleneck));
        Assert.Equal("network 50.0 %, write 20.0 %, read 10.0 %, hash 10.0 %, seal 6.0 %, open 4.0 %", StageText.All(bottleneck));
    }

    [Theory]
    [InlineData(Stage.Throttle, "It runs, held back by the limit of the transfer (64 KiB/s).")]
    [InlineData(Stage.Read, "It runs. Reading from the disk of the source limits it: 80 % of what its chunks wait for and work at.")]
    public void Why_UnderALimit_NamesItOnlyWhereItHoldsMost(Stage limiter, string why)
    {
        TransferResource transfer = OutputSamples.Active with { HeldBackBy = new HeldBack(LimitScope.Transfer, 65536), Bottleneck = Of(limiter, 0.8) };
        Assert.Equal(why, WhyText.Of(transfer).Why);
    }

    [Fact]
    public void Why_WithoutABottleneck_IsAsBefore() => Assert.Equal("It runs; it waits for nothing.", WhyText.Of(OutputSamples.Active).Why);

    private static BottleneckResource Of(Stage stage, double share) => new(stage, share, DateTimeOffset.UnixEpoch, [new StageShare(stage, share)]);
}
