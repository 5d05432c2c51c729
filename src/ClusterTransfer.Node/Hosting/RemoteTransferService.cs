using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Node.Api;

namespace ClusterTransfer.Node.Hosting;

/// <summary>The transfers as every other node serves them: each request is passed to the hub and answered when the hub has answered.</summary>
internal sealed class RemoteTransferService(IMessageBus bus, TimeProvider time) : ITransferService
{
    private const int MaxOpen = 256;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<CommandId, TaskCompletionSource<HubReply>> _open = new();

    /// <summary>An answer arrived. One that nobody waits for any more is dropped.</summary>
    public void OnReply(HubReply reply)
    {
        if (_open.TryRemove(reply.RequestId, out TaskCompletionSource<HubReply>? waiting))
        {
            waiting.TrySetResult(reply);
        }
    }

    public Task<SubmitResult> SubmitAsync(SubmitTransfer body, string? idempotencyKey, CancellationToken cancellationToken) => CallAsync(
        HubOperations.Submit, new HubCalls.Submit(body, idempotencyKey), HubCallsJson.Default.Submit, HubCallsJson.Default.SubmitResult, TimeSpan.Zero, cancellationToken);

    public Task<TransferPage> ListAsync(TransferListQuery query, CancellationToken cancellationToken) => CallAsync(
        HubOperations.List, new HubCalls.List(query), HubCallsJson.Default.List, ApiJson.Default.TransferPage, TimeSpan.Zero, cancellationToken);

    public Task<TransferResource> GetAsync(string idOrPrefix, CancellationToken cancellationToken) => CallAsync(HubOperations.Get, idOrPrefix, cancellationToken);

    public Task<TransferResource> CancelAsync(string idOrPrefix, CancellationToken cancellationToken) => CallAsync(HubOperations.Cancel, idOrPrefix, cancellationToken);

    public Task<TransferResource> PauseAsync(string idOrPrefix, CancellationToken cancellationToken) => CallAsync(HubOperations.Pause, idOrPrefix, cancellationToken);

    public Task<TransferResource> ResumeAsync(string idOrPrefix, CancellationToken cancellationToken) => CallAsync(HubOperations.Resume, idOrPrefix, cancellationToken);

    public Task<TransferResource> RetryAsync(string idOrPrefix, CancellationToken cancellationToken) => CallAsync(HubOperations.Retry, idOrPrefix, cancellationToken);

    public async Task<IReadOnlyList<ConnectionReport>> ConnectionsAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        (await CallAsync(HubOperations.Connections, idOrPrefix, ApiJson.Default.ResourceListConnectionReport, cancellationToken).ConfigureAwait(false)).Items;

    public Task<ChunksResource> ChunksAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        CallAsync(HubOperations.Chunks, idOrPrefix, ApiJson.Default.ChunksResource, cancellationToken);

    public Task<TransferEvents> ReadEventsAsync(TransferId id, long after, TimeSpan wait, CancellationToken cancellationToken) => CallAsync(
        HubOperations.Events, new HubCalls.Events(id, after, wait.TotalSeconds), HubCallsJson.Default.Events, ApiJson.Default.TransferEvents, wait, cancellationToken);

    private Task<TransferResource> CallAsync(string operation, string idOrPrefix, CancellationToken cancellationToken) =>
        CallAsync(operation, idOrPrefix, ApiJson.Default.TransferResource, cancellationToken);

    private Task<TAnswer> CallAsync<TAnswer>(string operation, string idOrPrefix, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class =>
        CallAsync(operation, new HubCalls.ById(idOrPrefix), HubCallsJson.Default.ById, answerType, TimeSpan.Zero, cancellationToken);

    private async Task<TAnswer> CallAsync<TCall, TAnswer>(
        string operation, TCall call, JsonTypeInfo<TCall> callType, JsonTypeInfo<TAnswer> answerType, TimeSpan extraWait, CancellationToken cancellationToken)
        where TAnswer : class
    {
        if (_open.Count >= MaxOpen)
        {
            throw new ClusterTransferException(Reason.LimitReached, "Too many requests wait for the hub already; come again.");
        }

        var id = CommandId.New();
        var waiting = new TaskCompletionSource<HubReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[id] = waiting;
        try
        {
            await bus.SendAsync(new BusTarget.Hub(), new HubRequest(id, operation, JsonSerializer.Serialize(call, callType)), cancellationToken).ConfigureAwait(false);
            HubReply reply = await waiting.Task.WaitAsync(AnswerTimeout + extraWait, time, cancellationToken).ConfigureAwait(false);
            return reply.Problem is { } problem
                ? throw new ClusterTransferException(problem)
                : JsonSerializer.Deserialize(reply.Body ?? "null", answerType)
                    ?? throw new ClusterTransferException(Reason.VersionMismatch, "The hub's answer is empty.");
        }
        catch (JsonException error)
        {
            throw new ClusterTransferException(Reason.VersionMismatch, "The hub's answer is not understood; upgrade the older of the two nodes.", error);
        }
        catch (TimeoutException error)
        {
            throw new ClusterTransferException(Reason.HubUnreachable, "The hub did not answer in time.", error);
        }
        finally
        {
            _open.TryRemove(id, out _);
        }
    }
}
