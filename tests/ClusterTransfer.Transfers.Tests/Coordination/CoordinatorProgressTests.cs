using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Tests.Support;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>A session in which nothing moves is given up for a newer one.</summary>
public sealed class CoordinatorProgressTests
{
    [Fact]
    [Trait("row", "N11")]
    public async Task Active_NothingMoves_OpensANewerSessionAndSaysWhy()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Epoch first = bench.Session.Epoch;

        Idle(bench, TimeSpan.FromSeconds(121));
        bench.Time.Advance(bench.Options.RetryMin);

        TransferEvents.SessionBroken broken = Assert.Single(bench.Events.OfType<TransferEvents.SessionBroken>());
        Assert.Equal((first, Reason.NoProgress), (broken.Epoch, broken.Problem.Reason));
        Assert.Contains("65536 bytes", broken.Problem.Detail, StringComparison.Ordinal);
        Assert.True(bench.Session.Epoch > first);
    }

    [Theory]
    [InlineData("busy")]
    [InlineData("paused")]
    [InlineData("queue paused")]
    public async Task Active_NothingMovesBecauseAnEndIsBusyOrTheUserPaused_IsLeftAlone(string why)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        _ = why switch { "paused" => bench.Pause(), "queue paused" => bench.PauseQueue(), _ => why };

        Idle(bench, TimeSpan.FromMinutes(10), busy: why == "busy");

        Assert.Empty(bench.Events.OfType<TransferEvents.SessionBroken>());
    }

    [Fact]
    [Trait("row", "N11")]
    public async Task Sessions_InARowBringNothing_TheTransferFailsWithThatReason()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        for (int i = 0; i < 100 && bench.Ended is null; i++)
        {
            Idle(bench, TimeSpan.FromSeconds(121));
            bench.Time.Advance(bench.Options.RetryMax);
            if (bench.Ended is null)
            {
                bench.Opened(SessionRole.Destination);
                bench.Opened(SessionRole.Source);
            }
        }

        Assert.Equal((TransferState.Failed, Reason.NoProgress), (bench.Ended?.State, bench.Ended?.Problem?.Reason));
    }

    // As real ends do: a report of each twice a second.
    private static void Idle(CoordinatorBench bench, TimeSpan time, bool busy = false)
    {
        Epoch epoch = bench.Session.Epoch;
        for (TimeSpan passed = TimeSpan.Zero; passed < time && bench.Session.Epoch == epoch; passed += TimeSpan.FromMilliseconds(500))
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(500));
            foreach (SessionRole role in Enum.GetValues<SessionRole>())
            {
                bench.FromNode(
                    CoordinatorBench.NodeOf(role),
                    new SessionProgressed(Samples.Id, epoch, role, new TransferProgress { Connections = 4 }) { Busy = busy, BytesArrived = 10 });
            }
        }
    }
}
