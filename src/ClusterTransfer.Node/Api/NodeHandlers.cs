using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Node.Api;

/// <summary>The endpoints that read and change nodes.</summary>
internal sealed class NodeHandlers(IClusterView cluster, ITransferService transfers)
{
    /// <summary>The nodes this one knows. While the hub is away they are shown all the same, without what only the hub knows.</summary>
    public async Task ListAsync(HttpContext context)
    {
        Dictionary<NodeId, NodeLimitsResource> limits = await LimitsAsync(context.RequestAborted);
        await ApiAnswer.WriteAsync(
            context,
            new ResourceList<NodeResource>([.. cluster.Nodes().Select(node => node with { Limits = limits.GetValueOrDefault(node.Name) })]),
            ApiJson.Default.ResourceListNodeResource);
    }

    public async Task LimitAsync(HttpContext context)
    {
        string text = context.Request.RouteValues["name"]?.ToString() ?? string.Empty;
        NodeId node = NodeId.TryParse(text, null, out NodeId name) ? name : throw TransferHandlers.Invalid($"'{TransferHandlers.Shown(text)}' is not the name of a node.");
        LimitNode limit = await NodeLimitBody.ReadAsync(context.Request, context.RequestAborted);
        await ApiAnswer.WriteAsync(context, await transfers.LimitNodeAsync(node, limit, context.RequestAborted), ApiJson.Default.NodeLimitsResource);
    }

    private async Task<Dictionary<NodeId, NodeLimitsResource>> LimitsAsync(CancellationToken cancellationToken)
    {
        // Who looks at the nodes may do so because the hub is away, and should not wait for it then.
        if (cluster.NotReady() is not null)
        {
            return [];
        }

        try
        {
            return (await transfers.NodeLimitsAsync(cancellationToken)).ToDictionary(one => one.Node);
        }
        catch (ClusterTransferException)
        {
            // An older hub, or one that does not answer: the nodes are known without it, and their limits are shown as not known.
            return [];
        }
    }
}
