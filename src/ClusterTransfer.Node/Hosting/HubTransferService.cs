using ClusterTransfer.Bus;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Faults;
using ClusterTransfer.Node.Api;
using ClusterTransfer.Transfers.Engine;

namespace ClusterTransfer.Node.Hosting;

/// <summary>The transfers as the hub serves them: live ones from their coordinators' views, ended ones from the catalogue.</summary>
internal sealed class HubTransferService(TransferEngine engine, ITransferCatalogue catalogue, IMessageBus bus, KeptCollector kept, NodeLimitDelivery limits, TimeProvider time) : ITransferService
{
    private const int MinPrefix = 4;

    private readonly EventReader _events = new(engine.Live, catalogue, time);

    public async Task<SubmitResult> SubmitAsync(SubmitTransfer body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        // A repeat is answered before anything is checked: what a check would say changes with the nodes, the answer must not.
        string hash = SubmitFingerprint.Of(body);
        if (idempotencyKey is not null
            && await catalogue.FindKeyAsync(idempotencyKey, cancellationToken).ConfigureAwait(false) is { } key
            && await FindAsync(key.For(hash), cancellationToken).ConfigureAwait(false) is { } known)
        {
            return new SubmitResult(known, IsReplay: true);
        }

        (TransferRequest request, string resultName) = SubmitRules.Check(body, bus.Members, bus.KnownMembers);
        var id = TransferId.New();
        if (idempotencyKey is not null)
        {
            // A claim that is there already stems from a submit that runs beside this one or got no further: the coordinator takes the same id once only.
            id = await catalogue.ClaimKeyAsync(idempotencyKey, hash, id, cancellationToken).ConfigureAwait(false) ?? id;
        }

        Fault.Point("c0.before");
        return new SubmitResult(await engine.SubmitAsync(id, request, resultName, cancellationToken).ConfigureAwait(false), IsReplay: false);
    }

    public async Task<TransferPage> ListAsync(TransferListQuery query, CancellationToken cancellationToken)
    {
        // Rows follow their transfers some seconds later: a list by state would miss what has just changed.
        IReadOnlyList<KnownMember> members = bus.KnownMembers;
        LiveTransfer[] live =
        [
            .. engine.Live.Ids.Select(engine.Live.Find).OfType<TransferResource>().Select(transfer => new LiveTransfer(
                transfer, transfer.SourceNode ?? NodeOf(transfer.Source, members), transfer.DestinationNode ?? NodeOf(transfer.Destination, members))),
        ];
        TransferPage page = await catalogue.ListAsync(query, live, cancellationToken).ConfigureAwait(false);

        // The list shows counts; the files are with the one transfer.
        return page with { Items = [.. page.Items.Select(transfer => transfer with { Issues = [] })] };
    }

    public async Task<TransferResource> GetAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        TransferId id = await ResolveAsync(idOrPrefix, cancellationToken).ConfigureAwait(false);
        return await FindAsync(id, cancellationToken).ConfigureAwait(false) ?? throw Unknown(idOrPrefix);
    }

    public Task<TransferResource> CancelAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        WishAsync(idOrPrefix, "cancelled", engine.CancelAsync, cancellationToken);

    public Task<TransferResource> PauseAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        WishAsync(idOrPrefix, "paused", engine.PauseAsync, cancellationToken);

    public Task<TransferResource> ResumeAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        WishAsync(idOrPrefix, "resumed", engine.ResumeAsync, cancellationToken);

    public async Task<TransferResource> RetryAsync(string idOrPrefix, RetryTransfer what, CancellationToken cancellationToken)
    {
        TransferResource transfer = await GetAsync(idOrPrefix, cancellationToken).ConfigureAwait(false);
        return await engine.RetryAsync(transfer.Id, what, cancellationToken).ConfigureAwait(false);
    }

    public async Task<TransferResource> LimitAsync(string idOrPrefix, LimitTransfer limit, CancellationToken cancellationToken)
    {
        SubmitRules.CheckLimit(limit.Limit);   // it may come from another node
        return await WishAsync(idOrPrefix, "limited", (id, token) => engine.LimitAsync(id, limit.Limit, token), cancellationToken).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<NodeLimitsResource>> NodeLimitsAsync(CancellationToken cancellationToken) => Task.FromResult(limits.All());

    public async Task<NodeLimitsResource> LimitNodeAsync(NodeId node, LimitNode limit, CancellationToken cancellationToken)
    {
        SubmitRules.CheckNodeLimit(node, limit, bus.Members, bus.KnownMembers);
        await engine.LimitNodeAsync(node, limit, cancellationToken).ConfigureAwait(false);
        return await limits.SettleAsync(node, cancellationToken).ConfigureAwait(false);
    }

    public Task<QueueResource> QueueAsync(CancellationToken cancellationToken) =>
        Task.FromResult(QueueReport.Of(engine.Queue, engine.Live.Ids.Select(engine.Live.Find).OfType<TransferResource>(), engine.Live.Unreadable));

    public async Task<QueueResource> PauseQueueAsync(CancellationToken cancellationToken)
    {
        await engine.PauseQueueAsync(cancellationToken).ConfigureAwait(false);
        return await QueueAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<QueueResource> ResumeQueueAsync(CancellationToken cancellationToken)
    {
        await engine.ResumeQueueAsync(cancellationToken).ConfigureAwait(false);
        return await QueueAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<ConnectionReport>> ConnectionsAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        TransferResource transfer = await GetAsync(idOrPrefix, cancellationToken).ConfigureAwait(false);
        return engine.Live.ConnectionsOf(transfer.Id);
    }

    public async Task<ChunksResource> ChunksAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        TransferResource transfer = await GetAsync(idOrPrefix, cancellationToken).ConfigureAwait(false);
        return new ChunksResource
        {
            Transfer = transfer.Id,
            Found = transfer.Progress.ChunksFound,
            Durable = transfer.Progress.ChunksDurable,
            Retried = transfer.Progress.ChunksRetried,
            Failed = [.. transfer.Issues.Where(issue => issue.Chunk is not null).Select(issue => new FailedChunkResource(issue.Path, issue.Problem, issue.Chunk!))],
        };
    }

    public Task<KeptPage> KeptAsync(bool remove, string? cursor, CancellationToken cancellationToken) => kept.CollectAsync(remove, cursor, cancellationToken);

    public Task<TransferEvents> ReadEventsAsync(TransferId id, EventPosition after, TimeSpan wait, CancellationToken cancellationToken) =>
        _events.ReadAsync(id, after, wait, cancellationToken);

    private async Task<TransferResource> WishAsync(
        string idOrPrefix, string done, Func<TransferId, CancellationToken, Task<TransferResource>> ask, CancellationToken cancellationToken)
    {
        TransferResource transfer = await GetAsync(idOrPrefix, cancellationToken).ConfigureAwait(false);

        // The coordinator of an ended transfer is gone; it could not say what became of it.
        return transfer.ExitCode is not null
            ? throw new ClusterTransferException(Reason.WrongState, $"Transfer {transfer.Id} is {transfer.State}; it cannot be {done}.")
            : await ask(transfer.Id, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TransferResource?> FindAsync(TransferId id, CancellationToken cancellationToken) =>
        engine.Live.Find(id) ?? await catalogue.GetAsync(id, cancellationToken).ConfigureAwait(false);

    private async Task<TransferId> ResolveAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        if (TransferId.TryParse(idOrPrefix, null, out TransferId id))
        {
            return id;
        }

        if (idOrPrefix.Length < MinPrefix)
        {
            throw new ClusterTransferException(
                Reason.InvalidRequest, $"'{PathText.Escape(idOrPrefix)}' is too short for a transfer id; give {MinPrefix} characters or more.");
        }

        IReadOnlyList<TransferId> stored = await catalogue.FindByPrefixAsync(idOrPrefix, 2, cancellationToken).ConfigureAwait(false);
        TransferId[] found = [.. engine.Live.Ids.Where(live => live.Value.StartsWith(idOrPrefix, StringComparison.Ordinal)).Union(stored).Take(2)];
        return found.Length switch
        {
            1 => found[0],
            0 => throw Unknown(idOrPrefix),
            _ => throw new ClusterTransferException(Reason.InvalidRequest, $"'{idOrPrefix}' begins the ids of several transfers; give more of it."),
        };
    }

    // Between sessions a transfer has no nodes; those that serve its locations are meant then.
    private static NodeId? NodeOf(string address, IReadOnlyList<KnownMember> members) =>
        members.FirstOrDefault(known => known.Member.Locations.Any(location => location.Name.Value == address.Split(':', 2)[0]))?.Member.Node;

    private static ClusterTransferException Unknown(string id) =>
        new(Reason.TransferUnknown, $"There is no transfer '{PathText.Escape(id)}'.");
}
