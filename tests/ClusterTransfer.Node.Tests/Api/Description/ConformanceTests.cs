using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.Api.Description;

/// <summary>Drives the real API by the document alone: every operation gives every answer that is documented for it, and no other.</summary>
public sealed class ConformanceTests
{
    private static readonly DocumentedApi Api = DocumentedApi.Parse(File.ReadAllText(Path.Combine(Configuration.RepositoryFiles.Root, "docs", "openapi.json")));

    private static readonly TransferId Ended = new("2nded2nded2nded2");

    public static TheoryData<string> Operations => [.. Api.Operations.Select(operation => operation.Id)];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Operation_AnswersAsDocumented(string id)
    {
        DocumentedOperation operation = Api.Operations.Single(one => one.Id == id);
        foreach ((int status, JsonElement answer) in operation.Answers)
        {
            await using ApiTestServer server = await StartAsync();
            using HttpRequestMessage request = Prepare(server, operation, status);
            using var client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan }) { BaseAddress = server.Address };
            Task<HttpResponseMessage> asking = client.SendAsync(request, TestContext.Current.CancellationToken);

            using HttpResponseMessage got = await asking.WithinDeadline();

            Assert.Equal((operation.Id, status), (operation.Id, (int)got.StatusCode));
            await AssertFitsAsync(operation, answer, got);
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Operation_TakesTheParametersThatAreDocumented(string id)
    {
        DocumentedOperation operation = Api.Operations.Single(one => one.Id == id);
        await using ApiTestServer server = await StartAsync();
        server.Transfers.Add(Samples.Parked(Samples.Active(id == "retryTransfer" ? Samples.Id : Ended)));
        using HttpRequestMessage request = Request(operation, withOptional: true);
        using var client = new HttpClient { BaseAddress = server.Address };

        using HttpResponseMessage got = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken).WithinDeadline();

        Assert.Equal(operation.Answers.Min(answer => answer.Status == 200 && operation.Id == "submitTransfer" ? 201 : answer.Status), (int)got.StatusCode);
    }

    [Fact]
    public async Task Document_HasEveryEndpoint()
    {
        await using ApiTestServer server = await StartAsync();

        string[] served = [.. server.Endpoints.Where(endpoint => !endpoint.Contains("{**rest}", StringComparison.Ordinal)).Order()];

        Assert.Equal(served, Api.Operations.Select(operation => $"{operation.Method} {operation.Path}").Order());
    }

    private static async Task<ApiTestServer> StartAsync()
    {
        ApiTestServer server = await ApiTestServer.StartAsync();
        server.Transfers.Connections = Samples.Connections;
        server.Transfers.Kept = [.. Samples.Kept];
        server.Transfers.Add(Samples.Active(Samples.Id));
        server.Transfers.Publish(Samples.Id, "session-opened", "Opened.");
        server.Transfers.Publish(Samples.Id, "progress", "Moves.", passing: true);
        server.Transfers.Add(Samples.Parked(Samples.Active(Ended)));
        server.Transfers.Add(Samples.Partial(Samples.Active(TransferId.New())));
        server.Transfers.Add(Samples.Queued(TransferId.New()) with { Problem = new Problem(Reason.NodeUnreachable, "Not connected."), NextRetrySeconds = 1.5, Connections = 4 });
        return server;
    }

    /// <summary>Brings the server into the state, and makes the request, that give the status.</summary>
    private static HttpRequestMessage Prepare(ApiTestServer server, DocumentedOperation operation, int status)
    {
        HttpRequestMessage request = Request(operation);
        switch (status)
        {
            case 200 when operation.Id == "submitTransfer":
                request.Headers.Add("Idempotency-Key", "again");
                server.Transfers.SubmitAsync(new() { Source = "src:photos/2024", Destination = "beta:archive" }, "again", default);
                break;
            case 200 when operation.Id == "watchTransfer":
                server.Transfers.Publish(Samples.Id, "completed", "Done.", Samples.Completed);
                break;
            case 200 when operation.Id == "retryTransfer":
                request.RequestUri = new Uri(request.RequestUri!.ToString().Replace(Samples.Id.Value, Ended.Value, StringComparison.Ordinal), UriKind.Relative);
                break;
            case 200 or 201:
                break;
            case 400 when operation.Id == "submitTransfer":
                request.Content = Json("{}");
                break;
            case 400:
                request.RequestUri = new Uri(request.RequestUri + "?surprise=1", UriKind.Relative);
                break;
            case 401:
                request.Headers.Authorization = null;
                break;
            case 403:
                request.Headers.Host = "elsewhere.example";
                break;
            case 404 when operation.Id == "getProblem":
                request.RequestUri = new Uri("/problems/unheard-of", UriKind.Relative);
                break;
            case 413:
                // The server says no and hangs up: whoever is still sending by then hears of that only.
                request.Headers.ExpectContinue = true;
                request.Content = Json($"{{\"source\":\"{new string('a', server.Options.MaxBodyBytes)}\"}}");
                break;
            case 503 when operation.Id == "isReady":
                server.Cluster.Problem = new Problem(Reason.HubUnreachable, "Not connected.");
                break;
            case 500 when operation.Id != "limitNode" && !operation.Path.Contains("/transfers", StringComparison.Ordinal) && !operation.Path.Contains("/kept", StringComparison.Ordinal) && !operation.Path.Contains("/queue", StringComparison.Ordinal):
                server.Cluster.Failure = new InvalidOperationException("A bug.");
                break;
            default:
                Reason reason = ReasonCatalogue.All.First(pair => pair.Value.HttpStatus == status).Key;
                server.Transfers.Failure = new ClusterTransferException(reason, "As the test says.");
                break;
        }

        return request;
    }

    /// <summary>A request made of the document's examples.</summary>
    private static HttpRequestMessage Request(DocumentedOperation operation, bool withOptional = false)
    {
        string path = operation.Path;
        var query = new List<string>();
        var request = new HttpRequestMessage { Method = new HttpMethod(operation.Method) };
        foreach (JsonElement parameter in operation.Parameters)
        {
            string name = parameter.GetProperty("name").GetString()!;
            JsonElement example = parameter.GetProperty("example");
            string text = example.ValueKind == JsonValueKind.Array ? string.Join(',', example.EnumerateArray()) : example.ToString();
            switch (parameter.GetProperty("in").GetString())
            {
                case "path":
                    path = path.Replace($"{{{name}}}", text, StringComparison.Ordinal);
                    break;
                // Only a list gives cursors, and this one's double gives numbers.
                case "query" when withOptional && name != "cursor":
                    query.Add($"{name}={Uri.EscapeDataString(text)}");
                    break;
                case "header" when withOptional:
                    request.Headers.Add(name, text);
                    break;
            }
        }

        request.RequestUri = new Uri(path + (query.Count > 0 ? "?" + string.Join('&', query) : string.Empty), UriKind.Relative);
        if (operation.NeedsToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ApiTestServer.TokenText);
        }

        if (operation.Json.TryGetProperty("requestBody", out JsonElement body))
        {
            JsonElement examples = body.GetProperty("content").GetProperty("application/json").GetProperty("examples");
            request.Content = Json((withOptional ? examples.EnumerateObject().Last() : examples.EnumerateObject().First()).Value.GetProperty("value").GetRawText());
        }

        return request;
    }

    private static async Task AssertFitsAsync(DocumentedOperation operation, JsonElement documented, HttpResponseMessage got)
    {
        string what = $"{operation.Id} {(int)got.StatusCode}";
        JsonProperty content = documented.GetProperty("content").EnumerateObject().Single();
        Assert.Equal((what, content.Name), (what, got.Content.Headers.ContentType?.MediaType));
        string[] headers = documented.TryGetProperty("headers", out JsonElement named) ? [.. named.EnumerateObject().Select(header => header.Name)] : [];
        Assert.All(headers, header => Assert.True(got.Headers.Contains(header), $"{what} has no {header}."));
        Assert.All(["Location", "Retry-After", "WWW-Authenticate", TransferHandlers.ReplayHeader], header =>
            Assert.True(headers.Contains(header) || !got.Headers.Contains(header), $"{what} has {header}, which is not documented."));
        string body = await got.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        switch (content.Name)
        {
            case "text/plain":
                Assert.Equal(content.Value.GetProperty("example").GetString(), body);
                break;
            case "text/event-stream":
                AssertEvents(body);
                break;
            default:
                using (JsonDocument json = JsonDocument.Parse(body))
                {
                    Assert.Empty(Api.Problems(json.RootElement, content.Value.GetProperty("schema")).Select(problem => $"{what}: {problem}"));
                }

                break;
        }
    }

    private static void AssertEvents(string body)
    {
        string[] events = [.. body.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(text => text[0] != ':')];
        Assert.Contains(events, text => text.StartsWith("event: progress\ndata: ", StringComparison.Ordinal));
        Assert.Contains(events, text => text.StartsWith("id: 2\nevent: completed\ndata: ", StringComparison.Ordinal));
        Assert.All(events, text =>
        {
            using JsonDocument data = JsonDocument.Parse(text.Split('\n').Single(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..]);
            Assert.Empty(Api.Problems(data.RootElement, Api.Schema("TransferEvent")));
        });
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
}
