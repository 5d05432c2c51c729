using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;

namespace ClusterTransfer.Cli.Tests;

/// <summary>Which limit holds a transfer back, in words, and what to type.</summary>
public sealed class LimitTextTests
{
    private static readonly NodeId Alpha = new("alpha");
    private static readonly TransferResource Active = Samples.Active(Samples.Id) with { SourceNode = Alpha, DestinationNode = new NodeId("beta"), Problem = null };

    public static TheoryData<HeldBack, string, string> Held => new()
    {
        { new(LimitScope.Transfer, 20 << 20), "held back by the limit of the transfer (20 MiB/s)", $"ct limit {Samples.Id} none" },
        {
            new(LimitScope.Node, 20 << 20) { Share = 5_000_000, SharedWith = 3 },
            "limited to 4.77 MiB/s by the limit of node alpha (20 MiB/s), shared with 3 other transfers", "ct limit --on alpha none"
        },
        { new(LimitScope.Node, 20 << 20) { Share = 20 << 20 }, "limited to 20.0 MiB/s by the limit of node alpha (20 MiB/s)", "ct limit --on alpha none" },
        {
            new(LimitScope.Peer, 1_000_000) { Share = 500_000, SharedWith = 1 },
            "limited to 488 KiB/s by the limit of what node alpha sends to node beta (1 MB/s), shared with 1 other transfer", "ct limit --on alpha --to beta none"
        },
    };

    [Theory]
    [MemberData(nameof(Held))]
    public void HeldBack_ByALimit_SaysWhichAndWhatToType(HeldBack held, string said, string command)
    {
        TransferResource transfer = Active with { HeldBackBy = held };

        Assert.Equal(said, LimitText.Of(transfer));
        WhyText why = WhyText.Of(transfer);
        Assert.Equal($"It runs, {said}.", why.Why);
        Assert.Equal(command, why.Commands[0]);
    }

    [Fact]
    public void Limit_ThatTheSourceMayNotHoldTo_IsSaid()
    {
        TransferResource transfer = Active with { Limit = 20 << 20, LimitIgnoredBy = Alpha };

        WhyText why = WhyText.Of(transfer);

        Assert.Equal("It runs; its limit is 20 MiB/s, which node alpha may not hold to: it is older and does not say that it knows limits.", why.Why);
        Assert.Equal("Upgrade node alpha.", why.Remedy);
        Assert.Equal("20 MiB/s, which node alpha may not hold to: it is older and does not say that it knows limits", LimitText.All(transfer));
    }
}
