using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Client;

/// <summary>Asks a node's API. Safe for use by several callers at once; every call is cancellable and none blocks a thread.</summary>
/// <remarks>Every method throws <see cref="ClusterTransferApiException"/> when the node refuses or does not answer.</remarks>
public sealed partial class ClusterTransferClient : IDisposable, IAsyncDisposable
{
    private const string Transfers = "api/v1/transfers";
    private const string Queue = "api/v1/queue";
    private const int PageSize = 200;
    private const int MaxAnswerBytes = 64 * 1024 * 1024;

    private readonly ClientOptions _options;
    private readonly HttpClient _http;
    private readonly string _shownAddress;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <exception cref="ArgumentException">The address is not an absolute http or https address.</exception>
    public ClusterTransferClient(ClientOptions options)
    {
        if (!options.Address.IsAbsoluteUri || options.Address.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"'{options.Address}' is not an http address such as http://127.0.0.1:7400.", nameof(options));
        }

        _options = options;
        _shownAddress = PathText.Escape(options.Address.GetLeftPart(UriPartial.Authority));

        // No proxy: it would add a name look-up to every start, and a token must not pass through a stranger.
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(handler, disposeHandler: true)
        {
            BaseAddress = new Uri(options.Address.GetLeftPart(UriPartial.Authority) + "/"),
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        if (options.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        }
    }

    /// <summary>Submits a transfer.</summary>
    /// <param name="transfer">What to copy where.</param>
    /// <param name="idempotencyKey">Makes a repeated submit harmless: the same key and body give the transfer of the first, the same key with another
    /// body is refused (<see cref="Reason.KeyReused"/>). 1 to 200 printable ASCII characters; null for none.</param>
    /// <param name="cancellationToken">Ends the wait; the transfer may have been accepted.</param>
    public async Task<TransferResource> SubmitAsync(SubmitTransfer transfer, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(transfer, ApiJson.Default.SubmitTransfer);
        using var request = new HttpRequestMessage(HttpMethod.Post, Transfers) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await SendAsync(request, ApiJson.Default.TransferResource, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One transfer, by its id or a unique prefix of 4 or more characters.</summary>
    public Task<TransferResource> GetAsync(string idOrPrefix, CancellationToken cancellationToken = default) =>
        GetAsync($"{Transfers}/{Uri.EscapeDataString(idOrPrefix)}", ApiJson.Default.TransferResource, cancellationToken);

    /// <summary>Asks for the end of a transfer; it may still complete, which <see cref="WaitAsync"/> tells.</summary>
    public Task<TransferResource> CancelAsync(string idOrPrefix, CancellationToken cancellationToken = default) =>
        WishAsync(idOrPrefix, "cancel", cancellationToken);

    /// <summary>Asks that a transfer holds at the next safe point; what is durable stays.</summary>
    public Task<TransferResource> PauseAsync(string idOrPrefix, CancellationToken cancellationToken = default) =>
        WishAsync(idOrPrefix, "pause", cancellationToken);

    /// <summary>Asks that a paused transfer goes on.</summary>
    public Task<TransferResource> ResumeAsync(string idOrPrefix, CancellationToken cancellationToken = default) =>
        WishAsync(idOrPrefix, "resume", cancellationToken);

    /// <summary>Takes up again a transfer that failed or was partly delivered: what was delivered stays, the rest is tried once more.</summary>
    public Task<TransferResource> RetryAsync(string idOrPrefix, CancellationToken cancellationToken = default) =>
        WishAsync(idOrPrefix, "retry", cancellationToken);

    /// <summary>Takes up again only some files of a transfer that was partly delivered; the others keep their outcome.</summary>
    /// <param name="idOrPrefix">The transfer.</param>
    /// <param name="what">The files, or the chunks whose files are meant; with neither field all that was not delivered.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<TransferResource> RetryAsync(string idOrPrefix, RetryTransfer what, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Transfers}/{Uri.EscapeDataString(idOrPrefix)}/retry")
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(what, ApiJson.Default.RetryTransfer)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(request, ApiJson.Default.TransferResource, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Limits how fast a transfer sends, from now on.</summary>
    /// <param name="idOrPrefix">The transfer.</param>
    /// <param name="bytesPerSecond">A valid <see cref="RateLimit"/>; null for no limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<TransferResource> LimitAsync(string idOrPrefix, long? bytesPerSecond, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Transfers}/{Uri.EscapeDataString(idOrPrefix)}/limit")
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new LimitTransfer { Limit = bytesPerSecond }, ApiJson.Default.LimitTransfer)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await SendAsync(request, ApiJson.Default.TransferResource, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the queue is paused, and which transfers wait for what.</summary>
    public Task<QueueResource> QueueAsync(CancellationToken cancellationToken = default) => GetAsync(Queue, ApiJson.Default.QueueResource, cancellationToken);

    /// <summary>Asks that all transfers hold, those that are submitted later as well.</summary>
    public Task<QueueResource> PauseQueueAsync(CancellationToken cancellationToken = default) => WishQueueAsync("pause", cancellationToken);

    /// <summary>Lets all transfers go on, but for those that are paused themselves.</summary>
    public Task<QueueResource> ResumeQueueAsync(CancellationToken cancellationToken = default) => WishQueueAsync("resume", cancellationToken);

    /// <summary>The live data connections of a transfer; empty while it has none.</summary>
    public async Task<IReadOnlyList<ConnectionReport>> ConnectionsAsync(string idOrPrefix, CancellationToken cancellationToken = default) =>
        (await GetAsync($"{Transfers}/{Uri.EscapeDataString(idOrPrefix)}/connections", ApiJson.Default.ResourceListConnectionReport, cancellationToken)
            .ConfigureAwait(false)).Items;

    /// <summary>The chunks of a transfer: counts, and those that were given up.</summary>
    public Task<ChunksResource> ChunksAsync(string idOrPrefix, CancellationToken cancellationToken = default) =>
        GetAsync($"{Transfers}/{Uri.EscapeDataString(idOrPrefix)}/chunks", ApiJson.Default.ChunksResource, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<TransferResource> WishAsync(string idOrPrefix, string wish, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Transfers}/{Uri.EscapeDataString(idOrPrefix)}/{wish}");
        return await SendAsync(request, ApiJson.Default.TransferResource, cancellationToken).ConfigureAwait(false);
    }

    private async Task<QueueResource> WishQueueAsync(string wish, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Queue}/{wish}");
        return await SendAsync(request, ApiJson.Default.QueueResource, cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(request, type, cancellationToken).ConfigureAwait(false);
    }

    private Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        SendAsync(
            request,
            (answer, body) => answer.IsSuccessStatusCode ? Read(body, type) : throw ApiFailure.FromAnswer(answer, body, _shownAddress),
            cancellationToken);

    private async Task<T> SendAsync<T>(HttpRequestMessage request, Func<HttpResponseMessage, byte[], T> read, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, ends.Token).ConfigureAwait(false);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(ends.Token).ConfigureAwait(false);
            return read(answer, body);
        }
        catch (OperationCanceledException error) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw ApiFailure.NoAnswer(_shownAddress, $"no answer within {_options.RequestTimeout.TotalSeconds:0} s", mayHaveArrived: true, error);
        }
        catch (HttpRequestException error)
        {
            throw ApiFailure.FromException(_shownAddress, error);
        }
    }

    private T Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw ApiFailure.NotUnderstood(_shownAddress, error);
        }
    }
}
