using System.Text.Json;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Engine;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Answers what the hub asks of this node, one question at a time.</summary>
internal sealed class NodeRequestHandler(TransferEngine engine, IMessageBus bus, ILogger log) : IDisposable
{
    private readonly SemaphoreSlim _place = new(1);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Whether a request is one of these.</summary>
    public static bool Takes(HubRequest request) => request.Operation == HubOperations.KeptHere;

    /// <summary>Starts to answer; the answer goes by the bus. From anyone but the hub it is a forgery and passed over.</summary>
    public void Handle(NodeId from, HubRequest request)
    {
        if (bus.Members.Any(member => member.IsHub && member.Node == from))
        {
            _ = AnswerAsync(from, request);
        }
    }

    public void Dispose() => _stopping.Cancel();

    private async Task AnswerAsync(NodeId from, HubRequest request)
    {
        try
        {
            await bus.SendAsync(new BusTarget.Node(from), await ReplyAsync(request).ConfigureAwait(false), _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The top of this task: the hub times out and says so.
            log.HubRequestFailed(from.Value, error);
        }
    }

    private async Task<HubReply> ReplyAsync(HubRequest request)
    {
        if (!_place.Wait(0))
        {
            return new HubReply(request.RequestId, null, new Problem(Reason.LimitReached, $"Node '{bus.Self}' answers that question already; come again."));
        }

        try
        {
            var kept = new ResourceList<KeptResource>(await engine.KeptHereAsync(_stopping.Token).ConfigureAwait(false));
            return new HubReply(request.RequestId, JsonSerializer.Serialize(kept, ApiJson.Default.ResourceListKeptResource));
        }
        catch (ClusterTransferException error)
        {
            return new HubReply(request.RequestId, null, error.Problem);
        }
        finally
        {
            _place.Release();
        }
    }
}
