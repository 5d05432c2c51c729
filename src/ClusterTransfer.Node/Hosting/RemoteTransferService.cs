using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Node.Api;

namespace ClusterTransfer.Node.Hosting;

/// <summary>The transfers as every other node serves them: each request is passed to the hub and answered when the hub has answered.</summary>
internal sealed class RemoteTransferService(BusCalls calls) : ITransferService
{
    public Task<SubmitResult> SubmitAsync(SubmitTransfer body, string? idempotencyKey, CancellationToken cancellationToken) => CallAsync(
        body.Limit is null ? HubOperations.Submit : HubOperations.SubmitLimited,
        new HubCalls.Submit(body, idempotencyKey), HubCallsJson.Default.Submit, HubCallsJson.Default.SubmitResult, TimeSpan.Zero, cancellationToken);

    public Task<TransferPage> ListAsync(TransferListQuery query, CancellationToken cancellationToken) => CallAsync(
        HubOperations.List, new HubCalls.List(query), HubCallsJson.Default.List, ApiJson.Default.TransferPage, TimeSpan.Zero, cancellationToken);

    public Task<TransferResource> GetAsync(string idOrPrefix, CancellationToken cancellationToken) => CallAsync(HubOperations.Get, idOrPrefix, cancellationToken);

    public Task<TransferResource> CancelAsync(string idOrPrefix, CancellationToken cancellationToken) => CallAsync(HubOperations.Cancel, idOrPrefix, cancellationToken);

    public Task<TransferResource> PauseAsync(string idOrPrefix, CancellationToken cancellationToken) => CallAsync(HubOperations.Pause, idOrPrefix, cancellationToken);

    public Task<TransferResource> ResumeAsync(string idOrPrefix, CancellationToken cancellationToken) => CallAsync(HubOperations.Resume, idOrPrefix, cancellationToken);

    public Task<TransferResource> RetryAsync(string idOrPrefix, RetryTransfer what, CancellationToken cancellationToken) => CallAsync(
        what is { Files: null, Chunks: null } ? HubOperations.Retry : HubOperations.RetrySome,
        new HubCalls.Retry(idOrPrefix, what),
        HubCallsJson.Default.Retry,
        ApiJson.Default.TransferResource,
        TimeSpan.Zero,
        cancellationToken);

    public Task<TransferResource> LimitAsync(string idOrPrefix, LimitTransfer limit, CancellationToken cancellationToken) => CallAsync(
        HubOperations.Limit, new HubCalls.Limit(idOrPrefix, limit.Limit), HubCallsJson.Default.Limit, ApiJson.Default.TransferResource, TimeSpan.Zero, cancellationToken);

    public async Task<IReadOnlyList<NodeLimitsResource>> NodeLimitsAsync(CancellationToken cancellationToken) => (await CallAsync(
        HubOperations.NodeLimits, new HubCalls.Nothing(), HubCallsJson.Default.Nothing, ApiJson.Default.ResourceListNodeLimitsResource, TimeSpan.Zero, cancellationToken).ConfigureAwait(false)).Items;

    public Task<NodeLimitsResource> LimitNodeAsync(NodeId node, LimitNode limit, CancellationToken cancellationToken) => CallAsync(
        HubOperations.LimitNode, new HubCalls.NodeLimit(node, limit), HubCallsJson.Default.NodeLimit, ApiJson.Default.NodeLimitsResource, TimeSpan.Zero, cancellationToken);

    public Task<QueueResource> QueueAsync(CancellationToken cancellationToken) => CallQueueAsync(HubOperations.Queue, cancellationToken);

    public Task<QueueResource> PauseQueueAsync(CancellationToken cancellationToken) => CallQueueAsync(HubOperations.PauseQueue, cancellationToken);

    public Task<QueueResource> ResumeQueueAsync(CancellationToken cancellationToken) => CallQueueAsync(HubOperations.ResumeQueue, cancellationToken);

    public async Task<IReadOnlyList<ConnectionReport>> ConnectionsAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        (await CallAsync(HubOperations.Connections, idOrPrefix, ApiJson.Default.ResourceListConnectionReport, cancellationToken).ConfigureAwait(false)).Items;

    public Task<ChunksResource> ChunksAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        CallAsync(HubOperations.Chunks, idOrPrefix, ApiJson.Default.ChunksResource, cancellationToken);

    public Task<KeptPage> KeptAsync(bool remove, string? cursor, CancellationToken cancellationToken) => CallAsync(
        HubOperations.Kept, new HubCalls.Kept(remove, cursor), HubCallsJson.Default.Kept, ApiJson.Default.KeptPage, KeptCollector.Patience, cancellationToken);

    public Task<TransferEvents> ReadEventsAsync(TransferId id, EventPosition after, TimeSpan wait, CancellationToken cancellationToken) => CallAsync(
        HubOperations.Events, new HubCalls.Events(id, after.Sequence, wait.TotalSeconds, after.View), HubCallsJson.Default.Events, ApiJson.Default.TransferEvents, wait, cancellationToken);

    private Task<QueueResource> CallQueueAsync(string operation, CancellationToken cancellationToken) =>
        CallAsync(operation, new HubCalls.Nothing(), HubCallsJson.Default.Nothing, ApiJson.Default.QueueResource, TimeSpan.Zero, cancellationToken);

    private Task<TransferResource> CallAsync(string operation, string idOrPrefix, CancellationToken cancellationToken) =>
        CallAsync(operation, idOrPrefix, ApiJson.Default.TransferResource, cancellationToken);

    private Task<TAnswer> CallAsync<TAnswer>(string operation, string idOrPrefix, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class =>
        CallAsync(operation, new HubCalls.ById(idOrPrefix), HubCallsJson.Default.ById, answerType, TimeSpan.Zero, cancellationToken);

    private Task<TAnswer> CallAsync<TCall, TAnswer>(
        string operation, TCall call, JsonTypeInfo<TCall> callType, JsonTypeInfo<TAnswer> answerType, TimeSpan extraWait, CancellationToken cancellationToken)
        where TAnswer : class =>
        calls.AskAsync(new BusTarget.Hub(), operation, JsonSerializer.Serialize(call, callType), answerType, extraWait, cancellationToken);
}
