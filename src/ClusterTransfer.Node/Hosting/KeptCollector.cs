using System.Text.Json;
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
    /// <summary>How long the hub may take for a page, beyond the usual.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    // How long a node may take to look at its folders, or to remove what it has time for, beyond the usual.
    private static readonly TimeSpan NodePatience = TimeSpan.FromSeconds(15);

    // What one page takes beyond the answers of the node asked last.
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(2);

    /// <summary>Asks one connected node after the other, in the order of their names, until a page is full or has taken long enough.</summary>
    /// <param name="remove">Whether nodes remove what no transfer needs.</param>
    /// <param name="cursor">Where the page before ended; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClusterTransferException">A node did not answer: a list that leaves it out would look complete. Or the cursor is none of these.</exception>
    public async Task<KeptPage> CollectAsync(bool remove, string? cursor, CancellationToken cancellationToken)
    {
        (string from, string? within) = Read(cursor);
        NodeId[] nodes = [.. bus.Members.Select(member => member.Node).Where(node => string.CompareOrdinal(node.Value, from) >= 0).OrderBy(node => node.Value, StringComparer.Ordinal)];
        long begun = time.GetTimestamp();
        List<KeptResource> kept = [];
        for (int i = 0; i < nodes.Length; i++)
        {
            if (kept.Count >= KeptPage.MaxItems || (i > 0 && time.GetElapsedTime(begun) >= Enough))
            {
                return new KeptPage { Items = kept, NextCursor = $"{nodes[i]}." };
            }

            KeptPage answer = await AskAsync(nodes[i], nodes[i].Value == from ? within : null, KeptPage.MaxItems - kept.Count, cancellationToken).ConfigureAwait(false);
            answer = await JudgeAsync(nodes[i], answer, remove, cancellationToken).ConfigureAwait(false);
            kept.AddRange(answer.Items);
            if (answer.NextCursor is { } more)
            {
                return new KeptPage { Items = kept, NextCursor = $"{nodes[i]}.{more}" };
            }
        }

        return new KeptPage { Items = kept };
    }

    // The node that is to be asked next, and what it said of where its page before ended.
    private static (string From, string? Within) Read(string? cursor)
    {
        if (cursor is null)
        {
            return (string.Empty, null);
        }

        int dot = cursor.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && NodeId.TryParse(cursor[..dot], null, out NodeId node)
            ? (node.Value, dot + 1 < cursor.Length ? cursor[(dot + 1)..] : null)
            : throw new ClusterTransferException(Reason.InvalidRequest, "cursor: it is not one that this API gave; give nextCursor of the page before, or leave it out for the first page.");
    }

    private async Task<KeptPage> AskAsync(NodeId node, string? cursor, int limit, CancellationToken cancellationToken)
    {
        if (node == bus.Self)
        {
            return await engine.KeptHereAsync(cursor, limit, cancellationToken).ConfigureAwait(false);
        }

        string body = JsonSerializer.Serialize(new HubCalls.KeptHere(cursor, limit), HubCallsJson.Default.KeptHere);
        KeptPage answer = await calls.AskAsync(
            new BusTarget.Node(node), HubOperations.KeptHere, body, ApiJson.Default.KeptPage, NodePatience, cancellationToken).ConfigureAwait(false);
        if (answer.Items.Count > limit || answer.NextCursor == string.Empty || (answer.NextCursor is not null && answer.NextCursor == cursor))
        {
            // An older node gives all it can, and does not say what it left out.
            throw new ClusterTransferException(Reason.VersionMismatch, $"Node '{node}' does not list what it keeps a page at a time; upgrade it.");
        }

        // What it says of others is not its business.
        return answer with { Items = [.. answer.Items.Select(one => one with { Node = node, State = null, Removed = false, Problem = null })] };
    }

    private async Task<KeptPage> JudgeAsync(NodeId node, KeptPage page, bool remove, CancellationToken cancellationToken)
    {
        List<KeptResource> judged = [];
        foreach (KeptResource one in page.Items)
        {
            judged.Add(await JudgeAsync(one, cancellationToken).ConfigureAwait(false));
        }

        page = page with { Items = judged };
        return remove ? await RemoveAsync(node, page, cancellationToken).ConfigureAwait(false) : page;
    }

    private async Task<KeptPage> RemoveAsync(NodeId node, KeptPage page, CancellationToken cancellationToken)
    {
        KeptResource[] unneeded = [.. page.Items.Where(one => one is { Transfer: not null, Why: KeptReason.Ended or KeptReason.Unknown })];
        if (unneeded.Length == 0)
        {
            return page;
        }

        // Between the look at its row and now it may have been found to run after all.
        IReadOnlySet<TransferId> free = await engine.MayForgetAsync([.. unneeded.Select(one => one.Transfer!.Value)], cancellationToken).ConfigureAwait(false);
        KeptResource[] asked = [.. unneeded.Where(one => free.Contains(one.Transfer!.Value))];
        ForgottenKept became = asked.Length == 0
            ? new ForgottenKept([])
            : await ForgetAsync(node, [.. asked.Select(one => new KeptKey(one.Transfer!.Value, one.Place))], cancellationToken).ConfigureAwait(false);
        List<KeptResource> items = [];
        int told = 0;
        foreach (KeptResource one in page.Items)
        {
            items.Add(told < asked.Length && ReferenceEquals(one, asked[told]) ? After(one, became.Items[told++])
                : unneeded.Contains(one) ? one with { Problem = new Problem(Reason.WrongState, "The transfer goes on.") }
                : one);
            if (became.NextCursor is not null && told == became.Items.Count)
            {
                // The node had no time for more. The next page begins behind what it did last.
                return page with { Items = items, NextCursor = became.NextCursor };
            }
        }

        return page with { Items = items };
    }

    private static KeptResource After(KeptResource kept, ForgottenItem became) =>
        became.Problem is { } problem ? kept with { Problem = problem } : kept with { Removed = true, Bytes = became.Bytes };

    // That one node does not answer must not hide what became of the others; the next look tells what it did.
    private async Task<ForgottenKept> ForgetAsync(NodeId node, KeptKey[] keys, CancellationToken cancellationToken)
    {
        try
        {
            ForgottenKept became = node == bus.Self
                ? await engine.ForgetHereAsync(keys, cancellationToken).ConfigureAwait(false)
                : await calls.AskAsync(
                    new BusTarget.Node(node), HubOperations.ForgetHere, JsonSerializer.Serialize(new ForgetKept(keys), ApiJson.Default.ForgetKept), ApiJson.Default.ForgottenKept,
                    NodePatience, cancellationToken).ConfigureAwait(false);
            return became.Items.Count == keys.Length || (became is { Items.Count: > 0, NextCursor.Length: > 0 } && became.Items.Count < keys.Length)
                ? became
                : throw new ClusterTransferException(Reason.VersionMismatch, $"Node '{node}' answered for {became.Items.Count} of {keys.Length} items.");
        }
        catch (ClusterTransferException error)
        {
            return new ForgottenKept([.. keys.Select(_ => new ForgottenItem(0, error.Problem))]);
        }
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
