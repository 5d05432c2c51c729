using ClusterTransfer.Bus;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Engine;

namespace ClusterTransfer.Node.Hosting;

/// <summary>What the connected nodes keep of transfers, and why, as the hub knows it.</summary>
internal sealed class KeptCollector(TransferEngine engine, ITransferCatalogue catalogue, IMessageBus bus, BusCalls calls, TimeProvider time, TimeSpan keepFailed)
{
    /// <summary>How long a node may take to look at its folders, beyond the usual.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Asks all connected nodes.</summary>
    /// <param name="remove">Whether nodes are asked to remove what no transfer needs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClusterTransferException">A node did not answer: a list that leaves it out would look complete.</exception>
    public async Task<IReadOnlyList<KeptResource>> CollectAsync(bool remove, CancellationToken cancellationToken)
    {
        IReadOnlyList<KeptResource>[] answers = await Task.WhenAll(bus.Members.Select(member => AskAsync(member.Node, cancellationToken))).ConfigureAwait(false);
        List<KeptResource> kept = [];
        foreach (KeptResource one in answers.SelectMany(answer => answer).OrderBy(one => one.LastWrittenAt).Take(KeptResource.MaxListed))
        {
            KeptResource judged = await JudgeAsync(one, cancellationToken).ConfigureAwait(false);
            if (remove && judged is { Transfer: { } transfer, Why: KeptReason.Ended or KeptReason.Unknown })
            {
                SessionRole role = judged.Place == KeptResource.Outgoing ? SessionRole.Source : SessionRole.Destination;
                judged = judged with { Removed = await engine.ForgetAsync(judged.Node, transfer, role, cancellationToken).ConfigureAwait(false) };
            }

            kept.Add(judged);
        }

        return [.. kept.OrderBy(one => one.Node.Value, StringComparer.Ordinal).ThenBy(one => one.Place, StringComparer.Ordinal).ThenBy(one => one.LastWrittenAt)];
    }

    private async Task<IReadOnlyList<KeptResource>> AskAsync(NodeId node, CancellationToken cancellationToken)
    {
        if (node == bus.Self)
        {
            return await engine.KeptHereAsync(cancellationToken).ConfigureAwait(false);
        }

        ResourceList<KeptResource> answer = await calls.AskAsync(
            new BusTarget.Node(node), HubOperations.KeptHere, "{}", ApiJson.Default.ResourceListKeptResource, Patience, cancellationToken).ConfigureAwait(false);

        // What it says of others is not its business.
        return [.. answer.Items.Select(one => one with { Node = node, State = null, Removed = false })];
    }

    private async Task<KeptResource> JudgeAsync(KeptResource kept, CancellationToken cancellationToken)
    {
        if (kept.Transfer is not { } id)
        {
            return kept with { Why = KeptReason.Foreign };
        }

        TransferResource? transfer = engine.Live.Find(id) ?? await catalogue.GetAsync(id, cancellationToken).ConfigureAwait(false);
        return kept with
        {
            State = transfer?.State,
            Why = transfer is null ? KeptReason.Unknown
                : transfer.ExitCode is null ? KeptReason.Running
                : Retention.IsKept(transfer, time.GetUtcNow(), keepFailed) ? KeptReason.Retryable
                : KeptReason.Ended,
        };
    }
}
