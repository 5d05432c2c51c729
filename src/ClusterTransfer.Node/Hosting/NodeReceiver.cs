using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Engine;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Hands what the bus delivers to whom it is for.</summary>
internal sealed class NodeReceiver(TransferEngine engine, HubRequestHandler? hub, NodeRequestHandler node, BusCalls calls, NodeLimitDelivery? limits, ILogger log) : IBusReceiver
{
    public ValueTask OnMessageAsync(BusDelivery delivery, CancellationToken cancellationToken)
    {
        switch (delivery.Message)
        {
            case HubRequest request when NodeRequestHandler.Takes(request):
                node.Handle(delivery.From, request);
                break;
            case HubRequest request:
                hub?.Handle(delivery.From, request);
                break;
            case HubReply reply:
                calls.OnReply(reply);
                break;
            default:
                engine.OnMessage(delivery.From, delivery.Message);
                break;
        }

        return ValueTask.CompletedTask;
    }

    public void OnMembersChanged(IReadOnlyList<Member> members)
    {
        engine.OnMembersChanged(members);
        limits?.OnMembersChanged();
    }

    public void OnConnectionChanged(bool connected, Problem? problem)
    {
        if (connected)
        {
            log.HubConnected();
            engine.OnHubConnected();
        }
        else
        {
            log.HubLost(problem?.Detail ?? "the link ended");
        }
    }
}
