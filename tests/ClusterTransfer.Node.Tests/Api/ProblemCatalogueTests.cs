using System.Net;
using System.Net.Http.Json;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Api;

namespace ClusterTransfer.Node.Tests.Api;

public sealed class ProblemCatalogueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Document_IsWhatTheCatalogueSays() => GeneratedFile.Check("docs/problems.md", Document());

    [Fact]
    public async Task List_HasEveryReasonOnce()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        ResourceList<ProblemKindResource> kinds = (await client.GetFromJsonAsync("/api/v1/problems", ApiJson.Default.ResourceListProblemKindResource, Token))!;

        Assert.Equal(Enum.GetValues<Reason>().Where(reason => reason != Reason.None).Order(), kinds.Items.Select(kind => ReasonCatalogue.FromCode(kind.Code)).Order());
        Assert.Contains(new ProblemKindResource("key-reused", Reason.KeyReused.Info().Title, 409, 13, false, Reason.KeyReused.Info().Remedy), kinds.Items);
        Assert.True(kinds.Items.Single(kind => kind.Code == "hub-unreachable").Transient);
    }

    [Fact]
    public async Task TypeOfAProblem_LeadsToItsKindWithoutAToken()
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using var stranger = new HttpClient { BaseAddress = server.Address };
        using HttpResponseMessage refused = await stranger.GetAsync("/api/v1/version", Token);
        ProblemResource problem = (await refused.Content.ReadFromJsonAsync(ApiJson.Default.ProblemResource, Token))!;

        ProblemKindResource kind = (await stranger.GetFromJsonAsync(problem.Type, ApiJson.Default.ProblemKindResource, Token))!;

        Assert.Equal(("not-authenticated", 401, 7), (kind.Code, kind.Status, kind.ExitCode));
    }

    [Theory]
    [InlineData("key-resued", "did you mean key-reused?")]
    [InlineData("none", "GET /api/v1/problems lists all")]
    public async Task UnknownKind_IsAProblemItself(string code, string detail)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();

        using HttpResponseMessage answer = await client.GetAsync($"/problems/{code}", Token);

        ProblemResource problem = (await answer.Content.ReadFromJsonAsync(ApiJson.Default.ProblemResource, Token))!;
        Assert.Equal((HttpStatusCode.NotFound, 404, "version-mismatch"), (answer.StatusCode, problem.Status, problem.Code));
        Assert.Contains(detail, problem.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Reason.LimitReached, "1")]
    [InlineData(Reason.HubUnreachable, "5")]
    [InlineData(Reason.NodeUnreachable, "5")]
    [InlineData(Reason.WrongState, null)]
    public async Task ProblemThatPasses_TellsWhenToComeAgain(Reason reason, string? seconds)
    {
        await using ApiTestServer server = await ApiTestServer.StartAsync();
        using HttpClient client = server.CreateClient();
        server.Transfers.Failure = new ClusterTransferException(reason, "For now.");

        using HttpResponseMessage answer = await client.GetAsync("/api/v1/transfers", Token);

        Assert.Equal(seconds, answer.Headers.TryGetValues("Retry-After", out IEnumerable<string>? values) ? values.Single() : null);
    }

    private static string Document()
    {
        var text = new StringBuilder("""
            # Problems

            Every refusal and every file that was not delivered names its reason by one of these codes. They are stable: compare `code` of a problem answer, or
            `reason` of a transfer's or file's `problem`. A node lists them at `GET /api/v1/problems`; the `type` of a problem answer, `/problems/CODE`, leads to one.

            Status is that of the answer where the reason refuses a request. With a status of 200 it is only ever an outcome of a transfer.
            An answer with 429 or 503 says in `Retry-After` after how many seconds to come again. Exit is what `ct` ends with. *Passes* means that repeating later may help.

            | Code | Status | Exit | Passes | What it is | What to do |
            |---|---|---|---|---|---|

            """);
        foreach (ProblemKindResource kind in ProblemCatalogue.Kinds)
        {
            text.Append(FormattableString.Invariant(
                $"| `{kind.Code}` | {kind.Status} | {kind.ExitCode} | {(kind.Transient ? "yes" : "")} | {Cell(kind.Title)} | {Cell(kind.Remedy)} |\n"));
        }

        text.Append("\nGenerated from the catalogue in `src/ClusterTransfer.Model/Transfers/ReasonCatalogue.cs`; a test tells how to write it anew.\n");
        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
