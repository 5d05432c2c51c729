using System.Text.Json;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Node.Api;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Answers the API requests of other nodes on the hub, a bounded number at a time.</summary>
internal sealed class HubRequestHandler(ITransferService transfers, IMessageBus bus, ILogger log) : IDisposable
{
    private const int MaxAtOnce = 64;
    // Within a control message of 1 MiB even when each character has to be escaped.
    private const int MaxListCharacters = 128 * 1024;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _places = new(MaxAtOnce);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Starts to answer; the answer goes by the bus. Beyond the bound the caller is told to come again.</summary>
    public void Handle(NodeId from, HubRequest request) => _ = HandleAsync(from, request);

    public void Dispose() => _stopping.Cancel();

    private async Task HandleAsync(NodeId from, HubRequest request)
    {
        try
        {
            HubReply reply = await AnswerAsync(request).ConfigureAwait(false);
            await bus.SendAsync(new BusTarget.Node(from), reply, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The top of this task: the asking node times out and its client repeats.
            log.HubRequestFailed(from.Value, error);
        }
    }

    private async Task<HubReply> AnswerAsync(HubRequest request)
    {
        if (!_places.Wait(0))
        {
            return new HubReply(request.RequestId, null, new Problem(Reason.LimitReached, "The hub answers too many requests already; come again."));
        }

        try
        {
            return new HubReply(request.RequestId, await RunAsync(request, _stopping.Token).ConfigureAwait(false), null);
        }
        catch (ClusterTransferException error)
        {
            return new HubReply(request.RequestId, null, error.Problem);
        }
        catch (JsonException error)
        {
            return new HubReply(request.RequestId, null, new Problem(Reason.VersionMismatch, $"The hub does not understand the request: {error.Message}"));
        }
        finally
        {
            _places.Release();
        }
    }

    // Paths may be long: a page that would not fit the bus is asked for again with fewer rows, and its cursor leads on from there.
    private async Task<string> ListAsync(TransferListQuery query, CancellationToken cancellationToken)
    {
        while (true)
        {
            string page = JsonSerializer.Serialize(await transfers.ListAsync(query, cancellationToken).ConfigureAwait(false), ApiJson.Default.TransferPage);
            if (page.Length <= MaxListCharacters || query.Limit == 1)
            {
                return page;
            }

            query = query with { Limit = Math.Max(1, query.Limit / 2) };
        }
    }

    private async Task<string> RunAsync(HubRequest request, CancellationToken cancellationToken)
    {
        switch (request.Operation)
        {
            case HubOperations.Submit:
            case HubOperations.SubmitLimited:
                HubCalls.Submit submit = Read(request, HubCallsJson.Default.Submit);
                return JsonSerializer.Serialize(
                    await transfers.SubmitAsync(submit.Body, submit.IdempotencyKey, cancellationToken).ConfigureAwait(false), HubCallsJson.Default.SubmitResult);
            case HubOperations.List:
                return await ListAsync(Read(request, HubCallsJson.Default.List).Query, cancellationToken).ConfigureAwait(false);
            case HubOperations.Get:
                return Write(await transfers.GetAsync(Id(request), cancellationToken).ConfigureAwait(false));
            case HubOperations.Cancel:
                return Write(await transfers.CancelAsync(Id(request), cancellationToken).ConfigureAwait(false));
            case HubOperations.Pause:
                return Write(await transfers.PauseAsync(Id(request), cancellationToken).ConfigureAwait(false));
            case HubOperations.Resume:
                return Write(await transfers.ResumeAsync(Id(request), cancellationToken).ConfigureAwait(false));
            case HubOperations.Retry:
            case HubOperations.RetrySome:
                HubCalls.Retry retry = Read(request, HubCallsJson.Default.Retry);
                return Write(await transfers.RetryAsync(retry.IdOrPrefix, retry.What ?? new RetryTransfer(), cancellationToken).ConfigureAwait(false));
            case HubOperations.NodeLimits:
                return JsonSerializer.Serialize(
                    new ResourceList<NodeLimitsResource>(await transfers.NodeLimitsAsync(cancellationToken).ConfigureAwait(false)), ApiJson.Default.ResourceListNodeLimitsResource);
            case HubOperations.LimitNode:
                HubCalls.NodeLimit limitNode = Read(request, HubCallsJson.Default.NodeLimit);
                return JsonSerializer.Serialize(
                    await transfers.LimitNodeAsync(limitNode.Node, limitNode.Limit, cancellationToken).ConfigureAwait(false), ApiJson.Default.NodeLimitsResource);
            case HubOperations.Limit:
                HubCalls.Limit limit = Read(request, HubCallsJson.Default.Limit);
                return Write(await transfers.LimitAsync(limit.IdOrPrefix, new LimitTransfer { Limit = limit.BytesPerSecond }, cancellationToken).ConfigureAwait(false));
            case HubOperations.Queue:
                return Write(await transfers.QueueAsync(cancellationToken).ConfigureAwait(false));
            case HubOperations.PauseQueue:
                return Write(await transfers.PauseQueueAsync(cancellationToken).ConfigureAwait(false));
            case HubOperations.ResumeQueue:
                return Write(await transfers.ResumeQueueAsync(cancellationToken).ConfigureAwait(false));
            case HubOperations.Connections:
                return JsonSerializer.Serialize(
                    new ResourceList<ConnectionReport>(await transfers.ConnectionsAsync(Id(request), cancellationToken).ConfigureAwait(false)),
                    ApiJson.Default.ResourceListConnectionReport);
            case HubOperations.Chunks:
                return JsonSerializer.Serialize(await transfers.ChunksAsync(Id(request), cancellationToken).ConfigureAwait(false), ApiJson.Default.ChunksResource);
            case HubOperations.Kept:
                HubCalls.Kept kept = Read(request, HubCallsJson.Default.Kept);
                return JsonSerializer.Serialize(await transfers.KeptAsync(kept.Remove, kept.Cursor, cancellationToken).ConfigureAwait(false), ApiJson.Default.KeptPage);
            case HubOperations.Events:
                HubCalls.Events events = Read(request, HubCallsJson.Default.Events);
                TimeSpan wait = TimeSpan.FromSeconds(Math.Clamp(events.WaitSeconds, 0, MaxWait.TotalSeconds));
                return JsonSerializer.Serialize(
                    await transfers.ReadEventsAsync(events.Id, new EventPosition(events.After, events.View), wait, cancellationToken).ConfigureAwait(false), ApiJson.Default.TransferEvents);
            default:
                throw new ClusterTransferException(
                    Reason.VersionMismatch, $"The hub has no operation '{PathText.Escape(request.Operation)}'; upgrade the older of the two nodes.");
        }
    }

    private static T Read<T>(HubRequest request, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => JsonSerializer.Deserialize(request.Body, type) ?? throw new JsonException("The body is null.");

    private static string Id(HubRequest request) => Read(request, HubCallsJson.Default.ById).IdOrPrefix;

    // As with a page of transfers; the count of all goes along.
    private static string Write(QueueResource queue)
    {
        while (true)
        {
            string text = JsonSerializer.Serialize(queue, ApiJson.Default.QueueResource);
            if (text.Length <= MaxListCharacters || (queue.Waiting.Count <= 1 && queue.Damaged.Count <= 1))
            {
                return text;
            }

            queue = queue with { Waiting = [.. queue.Waiting.Take((queue.Waiting.Count + 1) / 2)], Damaged = [.. queue.Damaged.Take((queue.Damaged.Count + 1) / 2)] };
        }
    }

    private static string Write(TransferResource transfer) => JsonSerializer.Serialize(transfer, ApiJson.Default.TransferResource);
}
