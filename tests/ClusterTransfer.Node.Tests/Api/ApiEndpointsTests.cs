using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.Api;

public sealed class ApiEndpointsTests
{
    private const string Submit = """{"source":"src:sdk","destination":"beta:in","as":"x","conflict":"overwrite","durability":"Verified","connections":4,"connectionPolicy":"strict"}""";

    [Fact]
    public async Task Submit_WhenWellFormed_Answers201WithLocationAndPassesTheKey()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transfers") { Content = Json(Submit) };
        request.Headers.Add("Idempotency-Key", "key-1");

        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        TransferResource transfer = (await ReadAsync(answer, ApiJson.Default.TransferResource))!;
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal($"/api/v1/transfers/{transfer.Id}", answer.Headers.Location!.ToString());
        (SubmitTransfer body, string? key) = Assert.Single(server.Transfers.Submits);
        Assert.Equal("key-1", key);
        Assert.Equal(
            new SubmitTransfer
            {
                Source = "src:sdk", Destination = "beta:in", As = "x", Conflict = ConflictPolicy.Overwrite, Durability = DurabilityLevel.Verified, Connections = 4,
                ConnectionPolicy = ConnectionPolicy.Strict,
            },
            body);
    }

    [Fact]
    public async Task Submit_RepeatedWithItsKey_Answers200AndSaysThatItIsARepeat()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage first = await SubmitAsync(Submit);
        using HttpResponseMessage second = await SubmitAsync(Submit);
        using HttpResponseMessage other = await SubmitAsync(Submit.Replace("sdk", "other", StringComparison.Ordinal));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.False(first.Headers.Contains("Idempotent-Replay"));
        Assert.Equal("true", second.Headers.GetValues("Idempotent-Replay").Single());
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        await AssertProblemAsync(other, 409, Reason.KeyReused, "'key-1' belongs to another request");

        Task<HttpResponseMessage> SubmitAsync(string body)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transfers") { Content = Json(body) };
            request.Headers.Add("Idempotency-Key", "key-1");
            return client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("{", "not JSON: line 1")]
    [InlineData("[]", "JSON array")]
    [InlineData("""{"destination":"a1:b"}""", "source is missing")]
    [InlineData("""{"source":"a1:b"}""", "destination is missing")]
    [InlineData("""{"source":7,"destination":"a1:b"}""", "source is a JSON number")]
    [InlineData("""{"source":"a1:b","destination":"a1:b","conflict":"newest"}""", "conflict is 'newest'; want one of Fail, Overwrite, Skip")]
    [InlineData("""{"source":"a1:b","destination":"a1:b","conflict":1}""", "conflict is a JSON number")]
    [InlineData("""{"source":"a1:b","destination":"a1:b","conflict":"1"}""", "conflict is '1'")]
    [InlineData("""{"source":"a1:b","destination":"a1:b","durability":"x\u001b[2J"}""", "durability is 'x\\x1b[2J'")]
    [InlineData("""{"source":"a1:b","destination":"a1:b","connectionPolicy":"lax"}""", "connectionPolicy is 'lax'; want one of Flexible, Strict")]
    [InlineData("""{"source":"a1:b","destination":"a1:b","connections":17}""", "connections: want a whole number, 1 to 16")]
    [InlineData("""{"source":"a1:b","destination":"a1:b","connections":"4"}""", "connections: want a whole number, 1 to 16")]
    public async Task Submit_WhenMalformed_IsRefusedNamingWhat(string body, string detail)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.PostAsync("/api/v1/transfers", Json(body), TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, 400, Reason.InvalidRequest, detail);
        Assert.Empty(server.Transfers.Submits);
    }

    // A reader that goes down one call for each level would end the process.
    [Theory]
    [Trait("row", "P7")]
    [InlineData("[", "]", 33)]
    [InlineData("[", "]", 200_000)]
    [InlineData("[", "", 900_000)]
    [InlineData("{\"a\":", "}", 33)]
    [InlineData("{\"a\":", "}", 100_000)]
    public async Task Submit_NestedTooDeep_IsRefusedAndTheNodeGoesOn(string open, string close, int depth)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        string nested = string.Concat(Enumerable.Repeat(open, depth)) + (close.Length > 0 ? "1" : string.Empty) + string.Concat(Enumerable.Repeat(close, depth));

        using HttpResponseMessage answer = await client.PostAsync(
            "/api/v1/transfers", Json($$"""{"source":"a1:b","destination":"a1:b","more":{{nested}}}"""), TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, 400, Reason.InvalidRequest, "not JSON");
        Assert.Empty(server.Transfers.Submits);
        using HttpResponseMessage next = await client.PostAsync("/api/v1/transfers", Json("""{"source":"a1:b","destination":"a1:b"}"""), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, next.StatusCode);
    }

    [Fact]
    public async Task Submit_WithUnknownField_IsAccepted()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.PostAsync(
            "/api/v1/transfers", Json("""{"source":"src:a","destination":"beta:in","priority":"high"}"""), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task Submit_LargerThanTheLimit_IsRefused()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        string body = $$"""{"source":"{{new string('a', 1024 * 1024)}}","destination":"beta:in"}""";

        // The server says no and hangs up: whoever is still sending by then hears of that only.
        client.DefaultRequestHeaders.ExpectContinue = true;
        using HttpResponseMessage answer = await client.PostAsync("/api/v1/transfers", Json(body), TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, 413, Reason.LimitReached, "too large");
    }

    [Fact]
    public async Task Submit_WithFormBody_IsRefused()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.PostAsync("/api/v1/transfers", new StringContent(Submit), TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, 400, Reason.InvalidRequest, "want application/json");
    }

    [Fact]
    public async Task Submit_WithKeyTooLong_IsRefused()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transfers") { Content = Json(Submit) };
        request.Headers.Add("Idempotency-Key", new string('k', 201));

        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, 400, Reason.InvalidRequest, "Idempotency-Key");
    }

    [Theory]
    [InlineData(Reason.HubUnreachable, 503)]
    [InlineData(Reason.LocationUnknown, 404)]
    [InlineData(Reason.WrongState, 409)]
    [InlineData(Reason.PartlyDelivered, 500)]
    public async Task Submit_WhenTheServiceRefuses_AnswersTheCataloguesStatus(Reason reason, int status)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Failure = new ClusterTransferException(reason, "About src:sdk.");

        using HttpResponseMessage answer = await client.PostAsync("/api/v1/transfers", Json(Submit), TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, status, reason, "About src:sdk.");
    }

    [Fact]
    public async Task Request_WhenTheServiceHasABug_Answers500WithoutInternals()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Failure = new InvalidOperationException("secret path /var/lib");

        using HttpResponseMessage answer = await client.GetAsync("/api/v1/transfers", TestContext.Current.CancellationToken);

        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await AssertProblemAsync(answer, 500, Reason.Unclassified, "nobody foresaw");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Basic " + ApiTestServer.TokenText)]
    [InlineData("Bearer")]
    public async Task Request_WithoutTheToken_Answers401(string? authorization)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/version");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        await AssertProblemAsync(answer, 401, Reason.NotAuthenticated, "token");
    }

    [Theory]
    [InlineData("rebound.example", false)]
    [InlineData("127.0.0.1.rebound.example:7400", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("localhost:1", true)]
    [InlineData("[::1]:7400", true)]
    [InlineData("127.8.0.1", true)]
    public async Task Request_IsAnsweredOnlyForALoopbackHost(string host, bool answered)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/version");
        request.Headers.Host = host;

        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(answered ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("limit=201", "limit is '201'")]
    [InlineData("limit=0", "limit is '0'")]
    [InlineData("limit=x", "limit is 'x'")]
    [InlineData("state=Sleeping", "state is 'Sleeping'; want one of Queued")]
    [InlineData("state=4", "state is '4'")]
    [InlineData("state=Active,", "state is ''")]
    [InlineData("state=Active&state=x", "state is 'x'")]
    [InlineData("sort=size", "sort is 'size'; want one of -created, created, -ended, ended")]
    [InlineData("sort=", "sort is ''")]
    [InlineData("location=X", "location is 'X'; want 2 to 63")]
    [InlineData("node=a_b", "node is 'a_b'")]
    [InlineData("createdAfter=yesterday", "createdAfter is 'yesterday'; want a time with its zone")]
    [InlineData("createdBefore=2026-03-14T09:26:53", "createdBefore is '2026-03-14T09:26:53'; want a time with its zone")]
    [InlineData("createdBefore=2026-03-14T09:26:53+01:00", "written %2B")]
    [InlineData("createdAfter=2026-03-14T09:26:53Z&createdBefore=2026-03-14T10:26:53%2B01:00", "createdAfter is not before createdBefore")]
    [InlineData("limit=1&limit=2", "limit is '1,2'")]
    [InlineData("stat=Active", "no query parameter 'stat'; did you mean state?")]
    [InlineData("created-after=2026-03-14T09:26:53Z", "did you mean createdAfter?")]
    [InlineData("page=2&limit=2", "no query parameter 'page'; want one of state, location")]
    public async Task List_WithBadQuery_IsRefusedNamingWhat(string query, string detail)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.GetAsync($"/api/v1/transfers?{query}", TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, 400, Reason.InvalidRequest, detail);
    }

    [Fact]
    public async Task List_ByStateAndPage_GivesCursor()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(TransferId.New()));
        server.Transfers.Add(Samples.Active(TransferId.New()));
        server.Transfers.Add(Samples.Queued(TransferId.New()));

        using HttpResponseMessage answer = await client.GetAsync("/api/v1/transfers?state=active&limit=1", TestContext.Current.CancellationToken);

        TransferPage page = (await ReadAsync(answer, ApiJson.Default.TransferPage))!;
        Assert.Equal(TransferState.Active, Assert.Single(page.Items).State);
        Assert.NotNull(page.NextCursor);
    }

    [Fact]
    public async Task List_WithEveryParameter_AsksForAllOfThem()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.GetAsync(
            "/api/v1/transfers?state=Active,queued&STATE=Failed&location=src&node=alpha&createdAfter=2026-03-14T09:26:53.5Z&createdBefore=2026-03-15T00:00:00%2B01:00&sort=-ended&limit=7&cursor=3",
            TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        TransferListQuery query = server.Transfers.Listed!;
        Assert.Equal([TransferState.Active, TransferState.Queued, TransferState.Failed], query.States);
        Assert.Equal(
            new TransferListQuery
            {
                States = query.States, Location = new LocationName("src"), Node = new NodeId("alpha"), Sort = TransferSort.LatestEndFirst, Limit = 7, Cursor = "3",
                CreatedAfter = new DateTimeOffset(2026, 3, 14, 9, 26, 53, 500, TimeSpan.Zero), CreatedBefore = new DateTimeOffset(2026, 3, 14, 23, 0, 0, TimeSpan.Zero),
            },
            query);
    }

    [Theory]
    [InlineData("/api/v1/version?verbose=1", 400)]
    [InlineData("/api/v1/nodes?state=up", 400)]
    [InlineData("/api/v1/transfers/k3m9?after=1", 400)]
    [InlineData("/healthz?probe=1", 200)]
    public async Task Request_WithAnUnknownQueryParameter_IsRefusedExceptByHealth(string path, int status)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("zzzz", 404, Reason.TransferUnknown)]
    [InlineData("abc", 400, Reason.InvalidRequest)]
    [InlineData("..%2f..", 400, Reason.InvalidRequest)]
    public async Task Get_WhenTheIdNamesNothing_SaysSo(string id, int status, Reason reason)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.GetAsync($"/api/v1/transfers/{id}", TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, status, reason, string.Empty);
    }

    [Fact]
    public async Task Cancel_ByPrefix_AsksTheService()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(Samples.Id));

        using HttpResponseMessage answer = await client.PostAsync($"/api/v1/transfers/{Samples.Id.Value[..4]}/cancel", null, TestContext.Current.CancellationToken);

        Assert.Equal(DesiredState.Cancel, (await ReadAsync(answer, ApiJson.Default.TransferResource))!.Desired);
    }

    [Theory]
    [InlineData("pause", DesiredState.Pause)]
    [InlineData("resume", DesiredState.Run)]
    [InlineData("cancel", DesiredState.Cancel)]
    public async Task Wish_ShowsInTheAnswer_AndIsRefusedAfterTheEnd(string wish, DesiredState desired)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(Samples.Id));
        TransferResource ended = server.Transfers.Add(Samples.Completed(Samples.Active(TransferId.New())));

        using HttpResponseMessage answer = await client.PostAsync($"/api/v1/transfers/{Samples.Id}/{wish}", null, TestContext.Current.CancellationToken);
        using HttpResponseMessage late = await client.PostAsync($"/api/v1/transfers/{ended.Id}/{wish}", null, TestContext.Current.CancellationToken);

        Assert.Equal(desired, (await ReadAsync(answer, ApiJson.Default.TransferResource))!.Desired);
        await AssertProblemAsync(late, 409, Reason.WrongState, "is Completed");
    }

    [Fact]
    public async Task Retry_OfAFailedTransfer_GivesItRunningAgain()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Parked(Samples.Queued(Samples.Id)));

        using HttpResponseMessage answer = await client.PostAsync($"/api/v1/transfers/{Samples.Id}/retry", null, TestContext.Current.CancellationToken);
        using HttpResponseMessage again = await client.PostAsync($"/api/v1/transfers/{Samples.Id}/retry", null, TestContext.Current.CancellationToken);

        TransferResource transfer = (await ReadAsync(answer, ApiJson.Default.TransferResource))!;
        Assert.Equal((Samples.Id, TransferState.Queued, 1), (transfer.Id, transfer.State, transfer.Retries));
        await AssertProblemAsync(again, 409, Reason.WrongState, "only one that failed");
    }

    [Fact]
    public async Task Connections_AreListed()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Connections = Samples.Connections;

        using HttpResponseMessage answer = await client.GetAsync($"/api/v1/transfers/{Samples.Id}/connections", TestContext.Current.CancellationToken);

        Assert.Equal(Samples.Connections, (await ReadAsync(answer, ApiJson.Default.ResourceListConnectionReport))!.Items);
    }

    [Fact]
    public async Task Chunks_ShowCountsAndEvidence()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        TransferResource transfer = server.Transfers.Add(Samples.Parked(Samples.Queued(Samples.Id)));

        using HttpResponseMessage answer = await client.GetAsync($"/api/v1/transfers/{Samples.Id}/chunks", TestContext.Current.CancellationToken);

        ChunksResource chunks = (await ReadAsync(answer, ApiJson.Default.ChunksResource))!;
        Assert.Equal((Samples.Id, 1024L, 1023L, 9L), (chunks.Transfer, chunks.Found, chunks.Durable, chunks.Retried));
        Assert.Equal(new FailedChunkResource("sdk/big.bin", transfer.Issues[0].Problem, transfer.Issues[0].Chunk!), Assert.Single(chunks.Failed));
    }

    [Theory]
    [InlineData("GET", "/api/v1/quota")]
    [InlineData("DELETE", "/api/v1/transfers")]
    public async Task Request_ForWhatThisNodeDoesNotHave_SaysSo(string method, string path)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, 404, Reason.VersionMismatch, $"{method} {path}");
    }

    [Fact]
    public async Task Cluster_IsListed()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        ResourceList<NodeResource> nodes = (await ReadAsync(await client.GetAsync("/api/v1/nodes", TestContext.Current.CancellationToken), ApiJson.Default.ResourceListNodeResource))!;
        ResourceList<LocationResource> locations = (await ReadAsync(await client.GetAsync("/api/v1/locations", TestContext.Current.CancellationToken), ApiJson.Default.ResourceListLocationResource))!;
        ResourceList<ActorResource> actors = (await ReadAsync(await client.GetAsync("/api/v1/actors", TestContext.Current.CancellationToken), ApiJson.Default.ResourceListActorResource))!;
        VersionResource version = (await ReadAsync(await client.GetAsync("/api/v1/version", TestContext.Current.CancellationToken), ApiJson.Default.VersionResource))!;

        Assert.Equal(["alpha", "beta"], nodes.Items.Select(n => n.Name.Value));
        Assert.Equal("/srv/src", locations.Items[0].Folder);
        Assert.Equal(Reason.NodeUnreachable, locations.Items[1].Problem!.Reason);
        Assert.Equal(2, Assert.Single(actors.Items).Children.Count);
        Assert.Equal("alpha", version.Node.Value);
    }

    [Fact]
    public async Task Health_NeedsNoToken_AndReadinessNamesTheProblem()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Address };

        using HttpResponseMessage alive = await client.GetAsync("/healthz", TestContext.Current.CancellationToken);
        using HttpResponseMessage ready = await client.GetAsync("/readyz", TestContext.Current.CancellationToken);
        server.Cluster.Problem = new Problem(Reason.HubUnreachable, "The hub at 127.0.0.1:7401 does not answer.");
        using HttpResponseMessage notReady = await client.GetAsync("/readyz", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        await AssertProblemAsync(notReady, 503, Reason.HubUnreachable, "127.0.0.1:7401");
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage answer, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), type);

    [Theory]
    [InlineData("{", 400, Reason.InvalidRequest, "not JSON")]
    [InlineData("[]", 400, Reason.InvalidRequest, "want an object with files or chunks")]
    [InlineData("""{"file":["a"]}""", 400, Reason.InvalidRequest, "no field 'file'")]
    [InlineData("""{"files":"a"}""", 400, Reason.InvalidRequest, "files: want a list of paths")]
    [InlineData("""{"files":[""]}""", 400, Reason.InvalidRequest, "files: want a list of paths")]
    [InlineData("""{"files":[7]}""", 400, Reason.InvalidRequest, "files has a JSON number")]
    [InlineData("""{"files":[null]}""", 400, Reason.InvalidRequest, "files: want a list of paths")]
    [InlineData("""{"chunks":[null]}""", 400, Reason.InvalidRequest, "chunks: want a list of chunk indices")]
    [InlineData("""{"chunks":["a"]}""", 400, Reason.InvalidRequest, "chunks: want a list of chunk indices")]
    [InlineData("""{"chunks":[-1]}""", 400, Reason.InvalidRequest, "chunks: want a list of chunk indices")]
    [InlineData("""{"chunks":[1.5]}""", 400, Reason.InvalidRequest, "chunks: want a list of chunk indices")]
    [InlineData("""{"chunks":[{}]}""", 400, Reason.InvalidRequest, "chunks: want a list of chunk indices")]
    public async Task Retry_WhenMalformed_IsRefusedNamingWhat(string body, int status, Reason reason, string detail)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Add(Samples.Partial(Samples.Active(Samples.Id)));
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.PostAsync(
            $"/api/v1/transfers/{Samples.Id}/retry", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, status, reason, detail);
        Assert.Null(server.Transfers.Retried);
    }

    [Fact]
    public async Task Retry_OfMoreThanCanBeNamed_IsRefused()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Add(Samples.Partial(Samples.Active(Samples.Id)));
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.PostAsync(
            $"/api/v1/transfers/{Samples.Id}/retry",
            new StringContent($"{{\"chunks\":[{string.Join(',', Enumerable.Range(0, 201))}]}}", System.Text.Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken);

        await AssertProblemAsync(answer, 429, Reason.LimitReached, "chunks has 201 items");
    }

    [Theory]
    [InlineData("{\"limit\":65536}", 65536L)]
    [InlineData("{\"limit\":null}", null)]
    public async Task Limit_OfATransfer_IsShown(string body, long? wanted)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Add(Samples.Active(Samples.Id) with { Limit = 1_000_000 });
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await PostLimitAsync(client, body);

        Assert.Equal(wanted, (await ReadAsync(answer, ApiJson.Default.TransferResource))!.Limit);
    }

    [Theory]
    [InlineData("{}", "limit is missing")]
    [InlineData("{\"limt\":65536}", "There is no field 'limt'")]
    [InlineData("{\"limit\":0}", "limit is 0; want")]
    [InlineData("{\"limit\":-1}", "limit is -1; want")]
    [InlineData("{\"limit\":65535}", "65536 to")]
    [InlineData("{\"limit\":1099511627777}", "to 1099511627776")]
    [InlineData("{\"limit\":65536.5}", "whole number")]
    [InlineData("{\"limit\":1e99}", "whole number")]
    [InlineData("{\"limit\":\"20M\"}", "whole number")]
    [InlineData("{\"limit\":false}", "or null for no limit")]
    [InlineData("[]", "want an object with limit")]
    public async Task Limit_ThatIsNone_IsRefusedAndChangesNothing(string body, string detail)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Add(Samples.Active(Samples.Id) with { Limit = 1_000_000 });
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await PostLimitAsync(client, body);

        await AssertProblemAsync(answer, 400, Reason.InvalidRequest, detail);
        Assert.Equal(1_000_000, (await server.Transfers.GetAsync(Samples.Id.Value, TestContext.Current.CancellationToken)).Limit);
    }

    private static Task<HttpResponseMessage> PostLimitAsync(HttpClient client, string body) => client.PostAsync(
        $"/api/v1/transfers/{Samples.Id}/limit", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

    private static async Task AssertProblemAsync(HttpResponseMessage answer, int status, Reason reason, string detail)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        ProblemResource problem = (await ReadAsync(answer, ApiJson.Default.ProblemResource))!;
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status, problem.Status);
        Assert.Equal(reason.Info().Code, problem.Code);
        Assert.Equal(reason.Info().ExitCode, problem.ExitCode);
        Assert.Equal($"/problems/{reason.Info().Code}", problem.Type);
        Assert.Contains(detail, problem.Detail, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(problem.Remedy!);
    }
}
