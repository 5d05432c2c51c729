using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClusterTransfer.Node.Api;

/// <summary>Serves the events of a transfer as server-sent events: resumable by sequence number, over when the transfer is.</summary>
internal sealed class EventStreams(ITransferService transfers, ApiServerOptions options)
{
    // Progress may change with every checkpoint; nobody can see more than this.
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);

    private int _open;

    public async Task ServeAsync(HttpContext context)
    {
        long after = ReadAfter(context.Request);
        CancellationToken stopping = context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? default;
        if (stopping.IsCancellationRequested)
        {
            // Streams end before the listener closes. A client that comes back in between must not take us for being back.
            throw new ClusterTransferException(Reason.NodeUnreachable, "This node is stopping.");
        }

        if (Interlocked.Increment(ref _open) > options.MaxEventStreams)
        {
            Interlocked.Decrement(ref _open);
            throw new ClusterTransferException(Reason.LimitReached, $"{options.MaxEventStreams} event streams are open at this node, which is its limit.");
        }

        try
        {
            // Looked up before the answer starts, so that an unknown id is a problem answer and not an empty stream.
            TransferResource transfer = await transfers.GetAsync(TransferHandlers.ReadId(context), context.RequestAborted);
            await StreamAsync(context, transfer, after, stopping);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task StreamAsync(HttpContext context, TransferResource transfer, long after, CancellationToken stopping)
    {
        // A stopping node ends its streams at once: it must not wait for clients to go away.
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        HttpResponse response = context.Response;
        response.ContentType = "text/event-stream; charset=utf-8";
        var body = new StreamBody(response.Body, options.StreamWriteTimeout, options.TimeProvider);
        ILogger log = context.RequestServices.GetService<ILoggerFactory>()?.CreateLogger("ClusterTransfer.Node.Api") ?? NullLogger.Instance;
        try
        {
            await response.StartAsync(ends.Token);
            await body.FlushAsync(ends.Token);
            await PumpAsync(body, transfer, after, ends.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The client left or the node stops; the client comes back with the last id it has.
        }
        catch (ClientTooSlowException)
        {
            // Without the abort the server would wait for this client once more, to end the answer in good order.
            log.StreamCut(transfer.Id.Value, options.StreamWriteTimeout.TotalSeconds);
            context.Abort();
        }
        catch (Exception error) when (response.HasStarted)
        {
            // The answer has begun, so there is no room for a problem: the client asks again and is told then.
            log.StreamFailed(transfer.Id.Value, error);
        }
    }

    private async Task PumpAsync(StreamBody body, TransferResource transfer, long after, CancellationToken cancellationToken)
    {
        TransferId id = transfer.Id;
        long? view = 0;
        while (true)
        {
            TransferEvents events = await transfers.ReadEventsAsync(
                id, new EventPosition(after, view), transfer.State.IsTerminal() ? TimeSpan.Zero : options.Heartbeat, cancellationToken);
            view = events.View;
            foreach (TransferEvent item in events.Items)
            {
                await body.WriteAsync(Format(item), cancellationToken);
                after = Math.Max(after, item.Sequence);
            }

            bool ended = false;
            if (events.Items.Count == 0)
            {
                // Also the way out for a client that has the last event already: it still gets the outcome.
                transfer = await transfers.GetAsync(id.Value, cancellationToken);
                ended = transfer.State.IsTerminal();
                await body.WriteAsync(
                    ended ? Format(new TransferEvent(0, options.TimeProvider.GetUtcNow(), "progress", "It has ended.", transfer)) : ": still here\n\n"u8.ToArray(),
                    cancellationToken);
            }
            else if (events.Items[^1] is { Transfer.State: var state } last && state.IsTerminal())
            {
                // An event shows the transfer as it was then. One that was retried has ended before and goes on.
                transfer = await transfers.GetAsync(id.Value, cancellationToken);
                ended = last.Sequence > 0 && transfer.State.IsTerminal() && after >= transfer.LastEvent;
            }

            await body.FlushAsync(cancellationToken);
            if (ended)
            {
                return;
            }

            if (events.Items.Count == 0 || events.Items[^1].Sequence == 0)
            {
                await Task.Delay(MinInterval, options.TimeProvider, cancellationToken);
            }
        }
    }

    private static byte[] Format(TransferEvent item)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        if (item.Sequence > 0)
        {
            buffer.Write(Encoding.ASCII.GetBytes($"id: {item.Sequence.ToString(CultureInfo.InvariantCulture)}\n"));
        }

        buffer.Write(Encoding.UTF8.GetBytes($"event: {PathText.Escape(item.Kind)}\ndata: "));
        using (var json = new Utf8JsonWriter(buffer))
        {
            JsonSerializer.Serialize(json, item, ApiJson.Default.TransferEvent);
        }

        buffer.Write("\n\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    // The header is what a browser sends by itself when it reconnects, so it is newer than the address it was opened with.
    private static long ReadAfter(HttpRequest request)
    {
        string? text = request.Headers.TryGetValue("Last-Event-ID", out var header) ? header.ToString()
            : request.Query.TryGetValue("after", out var query) ? query.ToString()
            : null;
        return string.IsNullOrEmpty(text) ? 0
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long after) ? after
            : throw TransferHandlers.Invalid($"'{PathText.Escape(text.Length > 32 ? text[..32] : text)}' is not a sequence number: want Last-Event-ID or after as a whole number from 0.");
    }
}
