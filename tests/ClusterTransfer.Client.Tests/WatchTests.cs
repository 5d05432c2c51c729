using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using ClusterTransfer.TestKit;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Client.Tests;

public sealed class WatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Watch_GivesEventsInOrderAndEndsWithTheTransfer()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);
        server.Transfers.Add(Samples.Queued(Samples.Id));
        server.Transfers.Publish(Samples.Id, "session-opened", "Opened.", _ => Samples.Active(Samples.Id));
        Task<List<TransferEvent>> watching = CollectAsync(client.WatchAsync(Samples.Id, cancellationToken: Token));
        server.Transfers.Publish(Samples.Id, "progress", "Moves.", passing: true);
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);

        List<TransferEvent> events = await watching.WithinDeadline();

        Assert.Equal(["session-opened", "completed"], events.Where(e => e.Sequence > 0).Select(e => e.Kind));
        Assert.Equal(TransferState.Completed, events[^1].Transfer.State);
    }

    [Fact]
    public async Task Watch_WhenTheNodeRestarts_SaysLostAndBackOnceAndMissesNothing()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "session-opened", "Opened.");
        var notices = new List<WatchNotice>();
        var lost = new TaskCompletionSource();
        var first = new TaskCompletionSource();
        Task<List<TransferEvent>> watching = CollectAsync(
            client.WatchAsync(
                Samples.Id,
                notice: notice =>
                {
                    notices.Add(notice);
                    lost.TrySetResult();
                },
                cancellationToken: Token),
            first);

        await first.Task.WithinDeadline();
        await server.StopAsync();
        await lost.Task.WithinDeadline();
        server.Transfers.Publish(Samples.Id, "session-lost", "While away.");
        await server.StartAgainAsync();
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);
        List<TransferEvent> events = await watching.WithinDeadline();

        Assert.Equal([1, 2, 3], events.Where(e => e.Sequence > 0).Select(e => e.Sequence));
        Assert.Equal([WatchNoticeKind.Lost, WatchNoticeKind.Back], notices.Select(n => n.Kind));
        Assert.Equal(Reason.NodeUnreachable, notices[0].Problem!.Reason);
    }

    [Fact]
    public async Task Watch_OfARetriedTransfer_GoesOnBeyondItsFirstEnd()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "failed", "Failed.", Samples.Parked);
        await client.RetryAsync(Samples.Id.Value, Token);
        var first = new TaskCompletionSource();
        Task<List<TransferEvent>> watching = CollectAsync(client.WatchAsync(Samples.Id, cancellationToken: Token), first);
        await first.Task.WithinDeadline();
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);

        List<TransferEvent> events = await watching.WithinDeadline();

        Assert.Equal(["failed", "retry-requested", "completed"], events.Where(e => e.Sequence > 0).Select(e => e.Kind));
    }

    [Fact]
    public async Task Watch_OfAnEndedTransfer_GivesItsOutcome()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);

        List<TransferEvent> events = await CollectAsync(client.WatchAsync(Samples.Id, after: 1, cancellationToken: Token)).WithinDeadline();

        Assert.Equal(TransferState.Completed, Assert.Single(events).Transfer.State);
    }

    [Fact]
    public async Task Watch_WhenTheStreamStaysOpenAfterTheEnd_LeavesWithTheOutcome()
    {
        TransferEvent end = new(0, DateTimeOffset.UnixEpoch, "progress", "It has ended.", Samples.Completed(Samples.Active(Samples.Id)));
        string frame = $"event: progress\ndata: {JsonSerializer.Serialize(end, ApiJson.Default.TransferEvent)}\n\n";
        await using RawServer server = await RawServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(frame, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        var time = new VirtualTime();
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address, TimeProvider = time });
        var first = new TaskCompletionSource();
        Task<List<TransferEvent>> watching = CollectAsync(client.WatchAsync(Samples.Id, cancellationToken: Token), first);

        await first.Task.WithinDeadline();
        time.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(TransferState.Completed, Assert.Single(await watching.WithinDeadline()).Transfer.State);
    }

    [Fact]
    public async Task Watch_OfARetriedTransfer_DoesNotExpectItsFirstEndToBeTheLast()
    {
        int opened = 0;
        var goOn = new TaskCompletionSource();
        await using RawServer server = await RawServer.StartAsync(async context =>
        {
            Interlocked.Increment(ref opened);
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Frame(1, Samples.Parked(Samples.Active(Samples.Id))) + Frame(2, Samples.Active(Samples.Id)), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await goOn.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync(Frame(3, Samples.Completed(Samples.Active(Samples.Id))), context.RequestAborted);
        });
        var time = new VirtualTime();
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address, TimeProvider = time });
        await using IAsyncEnumerator<TransferEvent> watch = client.WatchAsync(Samples.Id, cancellationToken: Token).GetAsyncEnumerator(Token);
        Assert.True(await watch.MoveNextAsync());
        Assert.True(await watch.MoveNextAsync());

        time.Advance(TimeSpan.FromSeconds(6));   // longer than an ended transfer's stream is waited for
        goOn.SetResult();

        Assert.True(await watch.MoveNextAsync());
        Assert.Equal((3, 1), (watch.Current.Sequence, opened));
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task Watch_WhenTheStreamIsSilent_ComesBack()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address, Token = ApiTestServer.TokenText, StreamSilence = TimeSpan.FromMilliseconds(50) });
        server.Transfers.Add(Samples.Active(Samples.Id));
        var back = new TaskCompletionSource();
        Task<List<TransferEvent>> watching = CollectAsync(client.WatchAsync(
            Samples.Id, notice: notice => _ = notice.Kind == WatchNoticeKind.Back && back.TrySetResult(), cancellationToken: Token));

        await back.Task.WithinDeadline();
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);

        Assert.Equal("completed", (await watching.WithinDeadline())[^1].Kind);
    }

    [Fact]
    public async Task Watch_WhenTheNodeStaysAway_GivesUpAtItsLimit()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Add(Samples.Active(Samples.Id));
        await using var client = new ClusterTransferClient(new ClientOptions
        {
            Address = server.Address, Token = ApiTestServer.TokenText, ReconnectMin = TimeSpan.FromMilliseconds(1), ReconnectLimit = TimeSpan.Zero,
        });
        await server.StopAsync();

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => CollectAsync(client.WatchAsync(Samples.Id, cancellationToken: Token)).WithinDeadline());

        Assert.Equal(14, error.ExitCode);
    }

    [Fact]
    public async Task Watch_OfAnUnknownTransfer_FailsAtOnce()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => CollectAsync(client.WatchAsync(Samples.Id, cancellationToken: Token)).WithinDeadline());

        Assert.Equal(Reason.TransferUnknown, error.Reason);
    }

    [Fact]
    public async Task Watch_OfAnEventThatIsNotUnderstood_IsAVersionMismatch()
    {
        await using RawServer server = await RawServer.StartAsync(context =>
        {
            context.Response.ContentType = "text/event-stream";
            return context.Response.WriteAsync("id: 1\ndata: {\"sequence\":\"one\"}\n\n");
        });
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address });

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => CollectAsync(client.WatchAsync(Samples.Id, cancellationToken: Token)).WithinDeadline());

        Assert.Equal(Reason.VersionMismatch, error.Reason);
    }

    [Fact]
    public async Task Wait_ForAState_EndsWhenItIsReached()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);
        server.Transfers.Add(Samples.Queued(Samples.Id));
        Task<TransferResource> waiting = client.WaitAsync(Samples.Id, TransferState.Active, cancellationToken: Token);
        server.Transfers.Publish(Samples.Id, "negotiating", "Asks.", t => t with { State = TransferState.Negotiating });
        server.Transfers.Publish(Samples.Id, "session-opened", "Opened.", t => t with { State = TransferState.Active });

        Assert.Equal(TransferState.Active, (await waiting.WithinDeadline()).State);
    }

    [Fact]
    public async Task Wait_ForOneEnd_AlsoEndsWithAnother()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);
        server.Transfers.Add(Samples.Partial(Samples.Queued(Samples.Id)));

        Assert.Equal(TransferState.Partial, (await client.WaitAsync(Samples.Id, TransferState.Completed, cancellationToken: Token).WithinDeadline()).State);
    }

    [Fact]
    public async Task Wait_ForOneThatWasRetried_PassesOverTheEndBefore()
    {
        // A hub that took the transfer up anew has not counted its earlier events: the watch begins before the first end.
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);
        server.Transfers.Add(Samples.Queued(Samples.Id));
        server.Transfers.Publish(Samples.Id, "partial", "Partial.", Samples.Partial);
        server.Transfers.Publish(Samples.Id, "retry-requested", "Again.", t => t with { State = TransferState.Queued, ExitCode = null, Retries = 1 });
        server.Transfers.Publish(Samples.Id, "progress", string.Empty, t => t with { LastEvent = 0 }, passing: true);

        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Transfers.Watched = (_, _) => reading.TrySetResult();

        Task<TransferResource> waiting = client.WaitAsync(Samples.Id, cancellationToken: Token);
        await reading.Task.WithinDeadline();
        server.Transfers.Publish(Samples.Id, "completed", "Completed.", t => Samples.Completed(t) with { LastEvent = 2 });

        Assert.Equal(TransferState.Completed, (await waiting.WithinDeadline()).State);
    }

    [Fact]
    public async Task Wait_OutOfTime_SaysThatItStillRuns()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = RequestTests.Connect(server);
        server.Transfers.Add(Samples.Active(Samples.Id));

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => client.WaitAsync(Samples.Id, null, TimeSpan.FromMilliseconds(50), cancellationToken: Token).WithinDeadline());

        Assert.Equal(10, error.ExitCode);
    }

    private static string Frame(long sequence, TransferResource transfer)
    {
        var item = new TransferEvent(sequence, DateTimeOffset.UnixEpoch, "any", "Any.", transfer);
        return $"id: {sequence}\nevent: any\ndata: {JsonSerializer.Serialize(item, ApiJson.Default.TransferEvent)}\n\n";
    }

    private static async Task<List<TransferEvent>> CollectAsync(IAsyncEnumerable<TransferEvent> events, TaskCompletionSource? first = null)
    {
        var list = new List<TransferEvent>();
        await foreach (TransferEvent item in events)
        {
            list.Add(item);
            first?.TrySetResult();
        }

        return list;
    }
}
