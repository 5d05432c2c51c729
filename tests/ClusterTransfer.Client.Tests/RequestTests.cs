using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Tests.Api;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Client.Tests;

public sealed class RequestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Submit_RepeatedWithItsKey_GivesTheSameTransfer()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = Connect(server);
        var body = new SubmitTransfer { Source = "src:a", Destination = "beta:in", Conflict = ConflictPolicy.Skip };

        TransferResource first = await client.SubmitAsync(body, "key", Token);
        TransferResource second = await client.SubmitAsync(body, "key", Token);

        Assert.Equal(first.Id, second.Id);
        Assert.All(server.Transfers.Submits, submit => Assert.Equal((body, "key"), submit));
    }

    [Fact]
    public async Task List_FetchesEveryPage()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = Connect(server);
        HashSet<TransferId> ids = [.. Enumerable.Range(0, 450).Select(_ => server.Transfers.Add(Samples.Active(TransferId.New())).Id)];
        server.Transfers.Add(Samples.Queued(TransferId.New()));

        List<TransferId> listed = [];
        await foreach (TransferResource transfer in client.ListAsync(new TransferListQuery { States = [TransferState.Active] }, Token))
        {
            listed.Add(transfer.Id);
        }

        Assert.Equal(450, listed.Count);
        Assert.Equal(ids, [.. listed]);
    }

    [Fact]
    public async Task List_OfAQuery_AsksForAllOfIt()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = Connect(server);
        server.Transfers.Add(Samples.Active(TransferId.New()));
        server.Transfers.Add(Samples.Active(TransferId.New()));
        var query = new TransferListQuery
        {
            States = [TransferState.Active, TransferState.Queued], Location = new LocationName("src"), Node = new NodeId("alpha"),
            CreatedAfter = new DateTimeOffset(2026, 3, 14, 10, 26, 53, 125, TimeSpan.FromHours(1)), CreatedBefore = new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero),
            Sort = TransferSort.EarliestEndFirst, Limit = 1,
        };

        TransferPage page = await client.ListPageAsync(query, Token);

        TransferListQuery asked = server.Transfers.Listed!;
        Assert.Equal(query.States, asked.States);
        Assert.Equal(query with { States = [] }, asked with { States = [] });
        await client.ListPageAsync(query with { Cursor = page.NextCursor }, Token);
        Assert.Equal(page.NextCursor, server.Transfers.Listed!.Cursor);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Readiness_IsTold_WithTheNodesClock_WithoutAToken(bool isReady)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address });
        server.Cluster.Problem = isReady ? null : new Problem(Reason.HubUnreachable, "This node is not connected to the hub.");

        NodeReadiness readiness = await client.ReadinessAsync(Token);

        Assert.Equal(server.Cluster.Problem, readiness.Problem);
        Assert.InRange(readiness.Clock!.Value, TimeProvider.System.GetUtcNow().AddMinutes(-1), TimeProvider.System.GetUtcNow().AddMinutes(1));
    }

    [Theory]
    [InlineData(404, "text/plain")]
    [InlineData(503, "text/html")]
    [InlineData(500, "application/problem+json")]
    public async Task Readiness_OfWhatIsNoNode_IsAFailure(int status, string type)
    {
        await using RawServer server = await RawServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            return context.Response.WriteAsync("{}");
        });
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address });

        await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.ReadinessAsync(Token));
    }

    [Fact]
    public async Task List_WithAnEmptyPageInTheMiddle_GoesOn()
    {
        // What has left the states asked for meanwhile is not shown, and that may be a whole page.
        int asked = 0;
        await using RawServer server = await RawServer.StartAsync(context => context.Response.WriteAsync(
            Interlocked.Increment(ref asked) == 1
                ? """{"items":[],"nextCursor":"2"}"""
                : JsonSerializer.Serialize(new TransferPage { Items = [Samples.Active(Samples.Id)] }, ApiJson.Default.TransferPage)));
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address });

        TransferResource? found = null;
        await foreach (TransferResource transfer in client.ListAsync(new TransferListQuery(), Token))
        {
            found = transfer;
        }

        Assert.Equal((Samples.Id, 2), (found?.Id, asked));
    }

    [Fact]
    public async Task Problems_AreRead()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = Connect(server);

        Assert.Contains(await client.ProblemKindAsync("key-reused", Token), await client.ProblemKindsAsync(Token));
    }

    [Fact]
    public async Task Readiness_IsToldWithItsReason()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = Connect(server);
        await client.CheckAliveAsync(Token);
        await client.CheckReadyAsync(Token);
        server.Cluster.Problem = new Problem(Reason.HubUnreachable, "Not connected.");

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.CheckReadyAsync(Token));

        Assert.Equal((Reason.HubUnreachable, TimeSpan.FromSeconds(5)), (error.Reason, error.RetryAfter));
    }

    [Fact]
    public async Task Cluster_IsRead()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = Connect(server);

        Assert.Equal(2, (await client.NodesAsync(Token)).Count);
        Assert.Equal(2, (await client.LocationsAsync(Token)).Count);
        Assert.Equal("/", Assert.Single(await client.ActorsAsync(Token)).Path);
        Assert.Equal("alpha", (await client.VersionAsync(Token)).Node.Value);
    }

    [Fact]
    public async Task Cancel_ByPrefix_ShowsTheWish()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = Connect(server);
        server.Transfers.Add(Samples.Active(Samples.Id));

        Assert.Equal(DesiredState.Cancel, (await client.CancelAsync(Samples.Id.Value[..5], Token)).Desired);
    }

    [Fact]
    public async Task Problem_BecomesAnExceptionWithItsReason()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = Connect(server);

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.GetAsync("zzzz", Token));

        Assert.Equal(Reason.TransferUnknown, error.Reason);
        Assert.Equal(3, error.ExitCode);
        Assert.Contains("zzzz", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsConnectionFailure);
    }

    [Fact]
    public async Task BusyNode_TellsHowLongToWait()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using ClusterTransferClient client = Connect(server);
        server.Transfers.Failure = new ClusterTransferException(Reason.LimitReached, "The hub answers too many requests already.");

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.GetAsync("zzzz", Token));

        Assert.Equal((Reason.LimitReached, TimeSpan.FromSeconds(1)), (error.Reason, error.RetryAfter));
    }

    [Fact]
    public async Task WrongToken_IsNotAuthenticated()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address, Token = "wrong" });

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.VersionAsync(Token));

        Assert.Equal(Reason.NotAuthenticated, error.Reason);
        Assert.Equal(7, error.ExitCode);
    }

    [Fact]
    public async Task NodeDown_NamesAddressAndRemedy_AndIsSureThatNothingArrived()
    {
        int port = UnusedPort();
        await using var client = new ClusterTransferClient(new ClientOptions { Address = new Uri($"http://127.0.0.1:{port}") });

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.VersionAsync(Token));

        Assert.Equal(Reason.NodeUnreachable, error.Reason);
        Assert.Equal(14, error.ExitCode);
        Assert.True(error.IsConnectionFailure);
        Assert.False(error.MayHaveArrived);
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
        Assert.Contains("--node", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionCutInMidRequest_MayHaveArrived()
    {
        await using RawServer server = await RawServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address });

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => client.SubmitAsync(new SubmitTransfer { Source = "a1:b", Destination = "a1:c" }, "key", Token));

        Assert.True(error.IsConnectionFailure);
        Assert.True(error.MayHaveArrived);
    }

    [Fact]
    public async Task NoAnswerInTime_IsAConnectionFailure()
    {
        await using RawServer server = await RawServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address, RequestTimeout = TimeSpan.FromMilliseconds(50) });

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.VersionAsync(Token));

        Assert.Equal(Reason.NodeUnreachable, error.Reason);
        Assert.True(error.MayHaveArrived);
    }

    [Fact]
    public async Task CallersCancellation_IsRethrownAsSuch()
    {
        await using RawServer server = await RawServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address });
        using var cancel = new CancellationTokenSource();
        Task asking = client.VersionAsync(cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task CodeOfANewerNode_KeepsItsExitCodeAndIsSafeToShow()
    {
        await using RawServer server = await RawServer.StartAsync(async context =>
        {
            context.Response.StatusCode = 418;
            context.Response.ContentType = "application/problem+json";
            await context.Response.WriteAsync("""{"type":"/problems/too-hot","title":"t","status":418,"detail":"Too \u001b[2Jhot.","code":"too-hot","remedy":"Wait.","exitCode":9}""");
        });
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address });

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.VersionAsync(Token));

        Assert.Equal((Reason.Unclassified, "too-hot", 9, "Wait."), (error.Reason, error.Code, error.ExitCode, error.Remedy));
        Assert.Equal(@"Too \x1b[2Jhot.", error.Message);
    }

    [Fact]
    public async Task SomethingElseAtTheAddress_IsNoNode()
    {
        await using RawServer server = await RawServer.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<h1>nginx</h1>");
        });
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address });

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.VersionAsync(Token));

        Assert.Equal(14, error.ExitCode);
        Assert.Contains("no ClusterTransfer node", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerOfAnotherShape_IsAVersionMismatch()
    {
        await using RawServer server = await RawServer.StartAsync(context => context.Response.WriteAsync("""{"items":[{"state":"Sleeping"}]}"""));
        await using var client = new ClusterTransferClient(new ClientOptions { Address = server.Address });

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.ListPageAsync(null, null, 1, Token));

        Assert.Equal(Reason.VersionMismatch, error.Reason);
    }

    [Fact]
    public void Address_ThatIsNoHttpAddress_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new ClusterTransferClient(new ClientOptions { Address = new Uri("file:///tmp") }));

    internal static ClusterTransferClient Connect(ApiTestServer server) => new(new ClientOptions
    {
        Address = server.Address, Token = ApiTestServer.TokenText, ReconnectMin = TimeSpan.FromMilliseconds(10), ReconnectMax = TimeSpan.FromMilliseconds(50),
    });

    internal static int UnusedPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));   // bound, never listening: connects are refused once it is closed
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
