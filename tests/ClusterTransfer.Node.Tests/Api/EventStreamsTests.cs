using System.Net;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Api;
using ClusterTransfer.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTransfer.Node.Tests.Api;

public sealed class EventStreamsTests
{
    private static readonly string Url = $"/api/v1/transfers/{Samples.Id}/events";

    [Fact]
    public async Task Stream_CarriesEventsAndEndsAfterTheTerminalOne()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Queued(Samples.Id));
        server.Transfers.Publish(Samples.Id, "session-opened", "Opened.", _ => Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "progress", "Moves.", passing: true);
        Task<string> reading = client.GetStringAsync(Url, TestContext.Current.CancellationToken);
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);

        string[] frames = Frames(await reading.WithinDeadline());

        Assert.StartsWith("id: 1\nevent: session-opened\ndata: {\"sequence\":1,", frames[0], StringComparison.Ordinal);
        Assert.Contains(frames, frame => frame.StartsWith("event: progress\ndata: {\"sequence\":0,", StringComparison.Ordinal));
        Assert.Contains(frames, frame => frame.StartsWith("id: 2\nevent: completed\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("?after=1", null)]
    [InlineData("", "1")]
    [InlineData("?after=0", "1")]
    public async Task Stream_Resumed_CarriesOnlyWhatIsNew(string query, string? lastEventId)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "session-opened", "Opened.");
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);
        using var request = new HttpRequestMessage(HttpMethod.Get, Url + query);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken).WithinDeadline();

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        string frame = Assert.Single(Frames(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.StartsWith("id: 2\nevent: completed\n", frame, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_OfAnEndedTransfer_WhenNothingIsNew_GivesTheOutcomeAtOnce()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);

        string text = await client.GetStringAsync(Url + "?after=1", TestContext.Current.CancellationToken).WithinDeadline();

        string frame = Assert.Single(Frames(text));
        Assert.StartsWith("event: progress\n", frame, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"Completed\"", frame, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_OfARetriedTransfer_GoesOnBeyondItsFirstEnd()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "failed", "Failed.", Samples.Parked);
        Task<string> early = client.GetStringAsync(Url, TestContext.Current.CancellationToken);
        Assert.EndsWith("event: failed", string.Join('\n', Frames(await early.WithinDeadline())[^1].Split('\n')[..2]), StringComparison.Ordinal);
        await server.Transfers.RetryAsync(Samples.Id.Value, TestContext.Current.CancellationToken);

        Task<string> late = client.GetStringAsync(Url, TestContext.Current.CancellationToken);
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);

        string[] kinds = [.. Frames(await late.WithinDeadline()).Where(frame => frame.StartsWith("id: ", StringComparison.Ordinal)).Select(frame => frame.Split('\n')[1])];
        Assert.Equal(["event: failed", "event: retry-requested", "event: completed"], kinds);
    }

    [Fact]
    public async Task Stream_WhenSilent_SendsAHeartbeatAfterEachInterval()
    {
        var time = new ObservedTime();
        var transfers = new ManualTransferService(time);
        transfers.Add(Samples.Active(Samples.Id));
        var body = new ClientBody();
        using var client = new CancellationTokenSource();
        TimeSpan interval = TimeSpan.FromSeconds(15);
        TimeSpan pause = TimeSpan.FromMilliseconds(100);
        var options = new ApiServerOptions { Token = new ApiToken(ApiTestServer.TokenText), TimeProvider = time, Heartbeat = interval };
        Task serving = Serve(new EventStreams(transfers, options), body, client.Token).Serving;

        await time.WaitsAsync(interval, 1);
        time.Advance(interval - pause);
        Assert.Empty(body.Text);
        time.Advance(pause);
        await time.WaitsAsync(pause, 1);
        Assert.Equal(": still here\n\n", body.Text);
        time.Advance(pause);
        await time.WaitsAsync(interval, 2);
        time.Advance(interval);
        await time.WaitsAsync(pause, 2);
        Assert.Equal(": still here\n\n: still here\n\n", body.Text);

        await client.CancelAsync();
        await serving.WithinDeadline();
    }

    [Fact]
    public async Task Stream_WhoseClientDoesNotRead_IsCutAndMakesRoom()
    {
        var time = new VirtualTime();
        var transfers = new ManualTransferService(time);
        transfers.Add(Samples.Active(Samples.Id));
        transfers.Publish(Samples.Id, "session-opened", "Opened.");
        var options = new ApiServerOptions { Token = new ApiToken(ApiTestServer.TokenText), TimeProvider = time, MaxEventStreams = 1, StreamWriteTimeout = TimeSpan.FromSeconds(20) };
        var streams = new EventStreams(transfers, options);
        var stuck = new ClientBody { IsStuck = true };
        using var client = new CancellationTokenSource();
        (Task serving, ClientLifetime lifetime) = Serve(streams, stuck, client.Token);
        await stuck.Waits.WithinDeadline();

        time.Advance(TimeSpan.FromSeconds(19.9));
        Assert.False(serving.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        await serving.WithinDeadline();

        Assert.True(lifetime.IsAborted);
        var reads = new ClientBody();
        Task next = Serve(streams, reads, client.Token).Serving;
        await reads.FlushedAsync(2);
        await client.CancelAsync();
        await next.WithinDeadline();
        Assert.StartsWith("id: 1\n", reads.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Streams_BeyondTheLimit_AreRefused_AndAClosedOneMakesRoom()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync(new ApiServerOptions { Token = new ApiToken(ApiTestServer.TokenText), MaxEventStreams = 1 });
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(Samples.Id));
        Stream first = await client.GetStreamAsync(Url, TestContext.Current.CancellationToken);

        using HttpResponseMessage second = await client.GetAsync(Url, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);
        using (var reader = new StreamReader(first))
        {
            await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WithinDeadline();
        }

        using HttpResponseMessage third = await client.GetAsync(Url, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    [Fact]
    public async Task Stream_OfUnknownTransfer_IsAProblem()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.GetAsync(Url, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Stream_WhenTheNodeStops_EndsAtOnce()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(Samples.Id));
        using var reader = new StreamReader(await client.GetStreamAsync(Url, TestContext.Current.CancellationToken));

        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal(string.Empty, await reader.ReadToEndAsync(TestContext.Current.CancellationToken).WithinDeadline());
    }

    private static (Task Serving, ClientLifetime Lifetime) Serve(EventStreams streams, ClientBody body, CancellationToken left)
    {
        var lifetime = new ClientLifetime { RequestAborted = left };
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().BuildServiceProvider() };
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        context.Response.Body = body;
        context.Request.RouteValues["id"] = Samples.Id.Value;
        return (streams.ServeAsync(context), lifetime);
    }

    private static string[] Frames(string text) => text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
}
