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
    public static bool Takes(HubRequest request) => request.Operation is HubOperations.KeptHere or HubOperations.ForgetHere or HubOperations.LimitHere;

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
        if (request.Operation == HubOperations.LimitHere)
        {
            // Quick, and it must not wait for a disk that somebody else asked about.
            return Limit(request);
        }

        if (!_place.Wait(0))
        {
            return new HubReply(request.RequestId, null, new Problem(Reason.LimitReached, $"Node '{bus.Self}' answers that question already; come again."));
        }

        try
        {
            return new HubReply(request.RequestId, await RunAsync(request).ConfigureAwait(false));
        }
        catch (JsonException error)
        {
            return new HubReply(request.RequestId, null, new Problem(Reason.VersionMismatch, $"Node '{bus.Self}' does not understand the request: {error.Message}"));
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

    private HubReply Limit(HubRequest request)
    {
        try
        {
            SetNodeLimits set = JsonSerializer.Deserialize(request.Body, HubCallsJson.Default.SetNodeLimits) ?? throw new JsonException("The body is null.");
            return new HubReply(request.RequestId, JsonSerializer.Serialize(engine.LimitHere(set), ApiJson.Default.NodeLimitsResource));
        }
        catch (JsonException error)
        {
            return new HubReply(request.RequestId, null, new Problem(Reason.VersionMismatch, $"Node '{bus.Self}' does not understand the request: {error.Message}"));
        }
        catch (ClusterTransferException error)
        {
            return new HubReply(request.RequestId, null, error.Problem);
        }
    }

    private async Task<string> RunAsync(HubRequest request)
    {
        if (request.Operation == HubOperations.ForgetHere)
        {
            ForgetKept forget = JsonSerializer.Deserialize(request.Body, ApiJson.Default.ForgetKept) ?? throw new JsonException("The body is null.");
            return forget.Items.Count <= KeptPage.MaxItems
                ? JsonSerializer.Serialize(await engine.ForgetHereAsync(forget.Items, _stopping.Token).ConfigureAwait(false), ApiJson.Default.ForgottenKept)
                : throw new JsonException($"It names {forget.Items.Count} items.");
        }

        HubCalls.KeptHere here = JsonSerializer.Deserialize(request.Body, HubCallsJson.Default.KeptHere) ?? throw new JsonException("The body is null.");
        return JsonSerializer.Serialize(
            await engine.KeptHereAsync(here.Cursor, Math.Clamp(here.Limit, 1, KeptPage.MaxItems), _stopping.Token).ConfigureAwait(false), ApiJson.Default.KeptPage);
    }
}
