using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Row NW-11: the limit of a transfer between two real nodes.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Limit_AtSubmit_HoldsTheTransferBackUntilItIsTakenAway()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 8 * Cluster.ChunkSize);   // minutes at this limit
        TransferResource submitted = await cluster.Client.SubmitAsync(new SubmitTransfer { Source = "src:file", Destination = "dst:", Limit = RateLimit.Min });

        TransferEvent held = await cluster.EventAsync(submitted.Id, item => item.Transfer.HeldBackBy is not null);
        TransferResource free = await cluster.Client.LimitAsync(submitted.Id.Value, null);
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        Assert.Equal((RateLimit.Min, RateLimit.Min), (submitted.Limit, held.Transfer.Limit));
        Assert.Equal(new HeldBack(LimitScope.Transfer, RateLimit.Min), held.Transfer.HeldBackBy);
        Assert.Null(free.Limit);
        TransferEvent changed = await cluster.EventAsync(submitted.Id, item => item.Kind == "limit-changed");
        Assert.Equal((RateLimit.Min, RateLimit.None), (changed.Data!["before"].GetInt64(), changed.Data["after"].GetString()));
        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
    }

    [Fact]
    public async Task Limit_WhileItIsPaused_HoldsInTheNextSession()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "file"), 8 * Cluster.ChunkSize);
        TransferResource submitted = await cluster.Client.SubmitAsync(new SubmitTransfer { Source = "src:file", Destination = "dst:", Limit = RateLimit.Min });
        await cluster.EventAsync(submitted.Id, item => item.Transfer.HeldBackBy is not null);
        await cluster.Client.PauseAsync(submitted.Id.Value);
        await cluster.EventAsync(submitted.Id, item => item.Kind == "paused");

        await cluster.Client.LimitAsync(submitted.Id.Value, 2 * RateLimit.Min);
        await cluster.Client.ResumeAsync(submitted.Id.Value);
        TransferEvent held = await cluster.EventAsync(submitted.Id, item => item.Transfer is { Sessions: 2, HeldBackBy: not null });

        Assert.Equal(new HeldBack(LimitScope.Transfer, 2 * RateLimit.Min), held.Transfer.HeldBackBy);
        await cluster.Client.CancelAsync(submitted.Id.Value);
        Assert.Equal(TransferState.Cancelled, (await cluster.EndOfAsync(submitted.Id)).State);
    }
}
