using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Row UX-4: what limits a transfer between two real nodes is named by the API while it runs, and in its last event.</summary>
public sealed class BottleneckTests
{
    [Fact]
    public async Task Transfer_ThatALimitHoldsBack_NamesItAsItsBottleneck()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "file"), 8 * Cluster.ChunkSize);   // minutes at this limit
        TransferResource submitted = await cluster.Client.SubmitAsync(new SubmitTransfer { Source = "src:file", Destination = "dst:", Limit = RateLimit.Min });

        TransferEvent limited = await cluster.EventAsync(submitted.Id, item => item.Transfer.Bottleneck is { Limiter: Stage.Throttle, Share: > 0.9 });
        await cluster.Client.LimitAsync(submitted.Id.Value, null);
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        BottleneckResource bottleneck = limited.Transfer.Bottleneck!;
        Assert.Equal(new StageShare(Stage.Throttle, bottleneck.Share), bottleneck.Stages[0]);
        Assert.InRange(bottleneck.Since, submitted.CreatedAt, limited.At);
        Assert.Equal((TransferState.Completed, null), (done.State, done.Bottleneck));
        TransferEvent ended = await cluster.EventAsync(submitted.Id, item => item.Kind == "completed");

        // How long the rest of it took is up to the machine, so the limiter of all of it may be another.
        Assert.Contains("Throttle", ended.Data!["stages"].GetString(), StringComparison.Ordinal);
        Assert.StartsWith(ended.Data["limiter"].GetString()!, ended.Data["stages"].GetString(), StringComparison.Ordinal);
    }
}
