using System.Net;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Api;
using ClusterTransfer.TestKit;

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
    public async Task Stream_WhenSilent_SendsAHeartbeat()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync(new ApiServerOptions { Token = new ApiToken(ApiTestServer.TokenText), Heartbeat = TimeSpan.FromMilliseconds(20) });
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(Samples.Id));

        using var reader = new StreamReader(await client.GetStreamAsync(Url, TestContext.Current.CancellationToken));
        string? line = await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WithinDeadline();

        Assert.StartsWith(": ", line, StringComparison.Ordinal);
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

    private static string[] Frames(string text) => text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
}
