using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Stages;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>The reports of both ends become one answer, which is shown while the transfer moves and never journaled.</summary>
public sealed class CoordinatorBottleneckTests
{
    [Fact]
    public async Task Reports_OfBothEnds_NameTheLimiter()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Report(bench, SessionRole.Destination, new StageReport { Write = 12, Flush = 2, Verify = 2 });
        Report(bench, SessionRole.Source, new StageReport { Window = 8, Away = 16 });

        BottleneckResource bottleneck = bench.Live.Find(Id)!.Bottleneck!;
        Assert.Equal((Stage.Write, 0.75), (bottleneck.Limiter, bottleneck.Share));
    }

    [Fact]
    public async Task Reports_OfOlderNodes_ShowNothing()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Report(bench, SessionRole.Source, null);
        Report(bench, SessionRole.Destination, null);

        Assert.Null(bench.Live.Find(Id)!.Bottleneck);
    }

    [Fact]
    public async Task Bottleneck_WithoutAConnection_IsNotShown()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Report(bench, SessionRole.Source, new StageReport { Read = 8 });
        Assert.NotNull(bench.Live.Find(Id)!.Bottleneck);

        Report(bench, SessionRole.Source, new StageReport { Read = 8 }, connections: 0);
        Assert.Null(bench.Live.Find(Id)!.Bottleneck);
    }

    [Fact]
    public async Task Report_OfAnotherNode_IsNotTaken()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Report(bench, SessionRole.Source, new StageReport { Read = 8 });

        bench.FromNode(B, Progressed(bench, SessionRole.Source, new StageReport { Network = 60_000 }, 4));

        Assert.Equal(Stage.Read, bench.Live.Find(Id)!.Bottleneck!.Limiter);
    }

    [Fact]
    public async Task End_OfATransfer_TellsWhatItsChunksWaitedFor()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Report(bench, SessionRole.Source, new StageReport { Read = 8 });
        bench.Kit.Time.Advance(TimeSpan.FromSeconds(1));
        Report(bench, SessionRole.Source, new StageReport { Read = 6, Network = 2 });

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);

        JsonElement data = JsonDocument.Parse(bench.Catalogue.Log.Single(line => line.Kind == "completed").DataJson!).RootElement.GetProperty("data");
        Assert.Equal("Read", data.GetProperty("limiter").GetString());
        Assert.Equal(75, data.GetProperty("limiterPercent").GetInt64());
        Assert.Equal("Read 75 %, Network 25 %", data.GetProperty("stages").GetString());
    }

    private static void Report(CoordinatorBench bench, SessionRole role, StageReport? stages, int connections = 4) =>
        bench.FromNode(role == SessionRole.Source ? A : B, Progressed(bench, role, stages, connections));

    private static SessionProgressed Progressed(CoordinatorBench bench, SessionRole role, StageReport? stages, int connections) =>
        new(Id, bench.Session.Epoch, role, new TransferProgress { Connections = connections }) { Stages = stages };
}
