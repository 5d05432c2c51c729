using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Client.Streams;

/// <summary>One open event stream of a transfer; ends when the node ends it, when it breaks, or when it is silent for too long.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    // The outcome is known when the transfer has ended; its last event may still be on the way, but a node must not keep us waiting for it.
    private static readonly TimeSpan LastEventWait = TimeSpan.FromSeconds(5);

    private readonly HttpResponseMessage _answer;
    private readonly ServerSentEventReader _reader;
    private readonly ClientOptions _options;
    private readonly string _address;
    private CancellationTokenSource? _silence;
    private CancellationTokenSource? _linked;
    private CancellationTokenSource? _end;

    private EventStream(HttpResponseMessage answer, Stream body, ClientOptions options, string address)
    {
        _answer = answer;
        _reader = new ServerSentEventReader(body);
        _options = options;
        _address = address;
    }

    /// <summary>Why the stream ended, once <see cref="NextAsync"/> has given null.</summary>
    public Problem? Lost { get; private set; }

    /// <exception cref="ClusterTransferApiException">The node refuses or does not answer.</exception>
    public static async Task<EventStream> OpenAsync(
        HttpClient http, TransferId id, long after, ClientOptions options, string address, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/v1/transfers/{id}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (after > 0)
        {
            request.Headers.Add("Last-Event-ID", after.ToString(CultureInfo.InvariantCulture));
        }

        using var deadline = new CancellationTokenSource(options.RequestTimeout, options.TimeProvider);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        HttpResponseMessage? answer = null;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ends.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                byte[] problem = await answer.Content.ReadAsByteArrayAsync(ends.Token).ConfigureAwait(false);
                throw ApiFailure.FromAnswer(answer, problem, address);
            }

            Stream body = await answer.Content.ReadAsStreamAsync(ends.Token).ConfigureAwait(false);
            var stream = new EventStream(answer, body, options, address);
            answer = null;   // the stream owns it now
            return stream;
        }
        catch (OperationCanceledException error) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw ApiFailure.NoAnswer(address, $"no answer within {options.RequestTimeout.TotalSeconds:0} s", mayHaveArrived: true, error);
        }
        catch (HttpRequestException error)
        {
            throw ApiFailure.FromException(address, error);
        }
        finally
        {
            answer?.Dispose();
        }
    }

    /// <summary>The next event; null when the stream is over, and then <see cref="Lost"/> says why.</summary>
    /// <exception cref="ClusterTransferApiException">An event is not understood.</exception>
    public async Task<TransferEvent?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            ServerSentEvent? item = await _reader.ReadAsync(() => RestartSilence(cancellationToken)).ConfigureAwait(false);
            if (item is not null)
            {
                return JsonSerializer.Deserialize(item.Data, ApiJson.Default.TransferEvent) ?? throw new JsonException("It is null.");
            }

            Lost = new Problem(Reason.NodeUnreachable, $"The node at {_address} ended the event stream.");
        }
        catch (OperationCanceledException) when (_end?.IsCancellationRequested == true && !cancellationToken.IsCancellationRequested)
        {
            Lost = new Problem(Reason.NodeUnreachable, $"The node at {_address} did not end the stream of a transfer that has ended.");
        }
        catch (OperationCanceledException) when (_silence?.IsCancellationRequested == true && !cancellationToken.IsCancellationRequested)
        {
            Lost = new Problem(Reason.NodeUnreachable, $"The node at {_address} was silent for {_options.StreamSilence.TotalSeconds:0} s.");
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            Lost = new Problem(Reason.NodeUnreachable, $"The connection to the node at {_address} broke: {PathText.EscapeControls(error.Message)}");
        }
        catch (JsonException error)
        {
            throw ApiFailure.NotUnderstood(_address, error);
        }

        return null;
    }

    /// <summary>Whether the transfer has ended: from then on the stream is over in a few seconds, unless the story goes on because it was retried.</summary>
    public void ExpectEnd(bool ended)
    {
        if (!ended)
        {
            _end?.Dispose();
            _end = null;
        }
        else
        {
            _end ??= new CancellationTokenSource(LastEventWait, _options.TimeProvider);
        }
    }

    public ValueTask DisposeAsync()
    {
        _linked?.Dispose();
        _silence?.Dispose();
        _end?.Dispose();
        _answer.Dispose();
        return ValueTask.CompletedTask;
    }

    private CancellationToken RestartSilence(CancellationToken cancellationToken)
    {
        _linked?.Dispose();
        _silence?.Dispose();
        _silence = new CancellationTokenSource(_options.StreamSilence, _options.TimeProvider);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silence.Token, _end?.Token ?? CancellationToken.None);
        return _linked.Token;
    }
}
