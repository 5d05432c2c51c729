using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Node.Api;

/// <summary>The endpoints that read and change transfers.</summary>
internal sealed class TransferHandlers(ITransferService transfers, ApiServerOptions options)
{
    /// <summary>Says in the answer to a submit that an earlier one with the same key had made the transfer.</summary>
    public const string ReplayHeader = "Idempotent-Replay";

    /// <summary>Of what nodes keep: it holds a file name of somebody else's.</summary>
    public const int MaxKeptCursorLength = 600;

    private const int MaxKeyLength = 200;
    private const int MinPrefixLength = 4;

    public async Task SubmitAsync(HttpContext context)
    {
        string? key = ReadKey(context);
        SubmitTransfer body = await SubmitBody.ReadAsync(context.Request, options.MaxBodyBytes, context.RequestAborted);
        SubmitResult result = await transfers.SubmitAsync(body, key, context.RequestAborted);
        context.Response.Headers.Location = $"{ApiEndpoints.Root}/transfers/{result.Transfer.Id}";
        if (result.IsReplay)
        {
            context.Response.Headers[ReplayHeader] = "true";
        }

        await ApiAnswer.WriteAsync(
            context, result.Transfer, ApiJson.Default.TransferResource, result.IsReplay ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    public async Task ListAsync(HttpContext context)
    {
        TransferPage page = await transfers.ListAsync(ListQuery.Read(context.Request.Query), context.RequestAborted);
        await ApiAnswer.WriteAsync(context, page, ApiJson.Default.TransferPage);
    }

    public Task GetAsync(HttpContext context) => AnswerAsync(context, transfers.GetAsync);

    public Task CancelAsync(HttpContext context) => AnswerAsync(context, transfers.CancelAsync);

    public Task PauseAsync(HttpContext context) => AnswerAsync(context, transfers.PauseAsync);

    public Task ResumeAsync(HttpContext context) => AnswerAsync(context, transfers.ResumeAsync);

    public async Task RetryAsync(HttpContext context)
    {
        string id = ReadId(context);
        RetryTransfer what = await RetryBody.ReadAsync(context.Request, context.RequestAborted);
        await ApiAnswer.WriteAsync(context, await transfers.RetryAsync(id, what, context.RequestAborted), ApiJson.Default.TransferResource);
    }

    public async Task LimitAsync(HttpContext context)
    {
        string id = ReadId(context);
        LimitTransfer limit = await LimitBody.ReadAsync(context.Request, context.RequestAborted);
        await ApiAnswer.WriteAsync(context, await transfers.LimitAsync(id, limit, context.RequestAborted), ApiJson.Default.TransferResource);
    }

    public async Task QueueAsync(HttpContext context) =>
        await ApiAnswer.WriteAsync(context, await transfers.QueueAsync(context.RequestAborted), ApiJson.Default.QueueResource);

    public async Task PauseQueueAsync(HttpContext context) =>
        await ApiAnswer.WriteAsync(context, await transfers.PauseQueueAsync(context.RequestAborted), ApiJson.Default.QueueResource);

    public async Task ResumeQueueAsync(HttpContext context) =>
        await ApiAnswer.WriteAsync(context, await transfers.ResumeQueueAsync(context.RequestAborted), ApiJson.Default.QueueResource);

    public async Task ConnectionsAsync(HttpContext context) => await ApiAnswer.WriteAsync(
        context,
        new ResourceList<ConnectionReport>(await transfers.ConnectionsAsync(ReadId(context), context.RequestAborted)),
        ApiJson.Default.ResourceListConnectionReport);

    public async Task ChunksAsync(HttpContext context) =>
        await ApiAnswer.WriteAsync(context, await transfers.ChunksAsync(ReadId(context), context.RequestAborted), ApiJson.Default.ChunksResource);

    public async Task KeptAsync(HttpContext context, bool remove) => await ApiAnswer.WriteAsync(
        context, await transfers.KeptAsync(remove, ListQuery.ReadCursor(context.Request.Query, MaxKeptCursorLength), context.RequestAborted), ApiJson.Default.KeptPage);

    /// <summary>The id or prefix in the route, of a shape that can name a transfer.</summary>
    public static string ReadId(HttpContext context)
    {
        string text = context.Request.RouteValues["id"]?.ToString() ?? string.Empty;
        return text.Length is >= MinPrefixLength and <= TransferId.Length && text.All(char.IsAsciiLetterOrDigit)
            ? text.ToLowerInvariant()
            : throw Invalid($"'{Shown(text)}' is not a transfer id: want its {TransferId.Length} characters or at least the first {MinPrefixLength}.");
    }

    public static ClusterTransferException Invalid(string detail) => new(Reason.InvalidRequest, detail);

    /// <summary>Input as answers echo it: bounded and escaped, because it may end up in a terminal.</summary>
    public static string Shown(string? text) => PathText.Escape(text is { Length: > 64 } ? text[..64] + "..." : text ?? string.Empty);

    private static async Task AnswerAsync(HttpContext context, Func<string, CancellationToken, Task<TransferResource>> ask) =>
        await ApiAnswer.WriteAsync(context, await ask(ReadId(context), context.RequestAborted), ApiJson.Default.TransferResource);

    private static string? ReadKey(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue("Idempotency-Key", out var values))
        {
            return null;
        }

        string key = values.ToString();
        return key.Length is >= 1 and <= MaxKeyLength && key.All(c => c is >= ' ' and <= '~')
            ? key
            : throw Invalid($"Idempotency-Key has {key.Length} characters; want 1 to {MaxKeyLength} printable ASCII characters.");
    }
}
