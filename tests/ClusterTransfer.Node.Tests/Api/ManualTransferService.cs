using System.Globalization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Api;

namespace ClusterTransfer.Node.Tests.Api;

/// <summary>Transfers that do only what the test says. Shared by the tests of the API, the client and the command line.</summary>
internal sealed class ManualTransferService(TimeProvider time) : ITransferService
{
    private readonly object _gate = new();
    private readonly Dictionary<TransferId, TransferResource> _transfers = [];
    private readonly Dictionary<TransferId, List<TransferEvent>> _events = [];
    private readonly Dictionary<TransferId, TransferEvent> _passing = [];
    private readonly Dictionary<string, (SubmitTransfer Body, TransferId Id)> _keys = [];
    private readonly List<(SubmitTransfer Body, string? Key)> _submitted = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Thrown by every method while set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Called after each submit, so that a script can start.</summary>
    public Action<TransferResource>? Submitted { get; set; }

    /// <summary>Called when somebody waits for events.</summary>
    public Action<TransferId, long>? Watched { get; set; }

    /// <summary>Called before a wish is looked at.</summary>
    public Action<TransferId>? Wished { get; set; }

    /// <summary>The connections of every transfer.</summary>
    public IReadOnlyList<ConnectionReport> Connections { get; set; } = [];

    /// <summary>What was asked for by the newest list.</summary>
    public TransferListQuery? Listed { get; private set; }

    public IReadOnlyList<(SubmitTransfer Body, string? Key)> Submits
    {
        get
        {
            lock (_gate)
            {
                return [.. _submitted];
            }
        }
    }

    public TransferResource Add(TransferResource transfer)
    {
        lock (_gate)
        {
            _transfers[transfer.Id] = transfer;
            _events.TryAdd(transfer.Id, []);
            return transfer;
        }
    }

    /// <summary>Changes a transfer and tells everyone who watches; a passing event is kept only until it is read.</summary>
    public void Publish(TransferId id, string kind, string text, Func<TransferResource, TransferResource>? change = null, bool passing = false)
    {
        lock (_gate)
        {
            TransferResource transfer = (change ?? (same => same))(_transfers[id]);
            if (passing)
            {
                _transfers[id] = transfer;
                _passing[id] = new TransferEvent(0, time.GetUtcNow(), kind, text, transfer);
            }
            else
            {
                transfer = transfer with { LastEvent = transfer.LastEvent + 1 };
                _transfers[id] = transfer;
                _events[id].Add(new TransferEvent(transfer.LastEvent, time.GetUtcNow(), kind, text, transfer));
            }

            TaskCompletionSource changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.SetResult();
        }
    }

    public Task<SubmitResult> SubmitAsync(SubmitTransfer body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        ThrowIfFailing();
        TransferResource transfer;
        lock (_gate)
        {
            _submitted.Add((body, idempotencyKey));
            if (idempotencyKey is not null && _keys.TryGetValue(idempotencyKey, out var earlier))
            {
                return earlier.Body == body
                    ? Task.FromResult(new SubmitResult(_transfers[earlier.Id], IsReplay: true))
                    : throw new ClusterTransferException(Reason.KeyReused, $"The idempotency key '{idempotencyKey}' belongs to another request, which became transfer {earlier.Id}.");
            }

            transfer = Add(Samples.Queued(TransferId.New()) with
            {
                Source = body.Source, Destination = body.Destination, Conflict = body.Conflict, Durability = body.Durability,
                Connections = body.Connections, ConnectionPolicy = body.ConnectionPolicy, Limit = body.Limit, Weight = body.Weight, CreatedAt = time.GetUtcNow(),
            });
            if (idempotencyKey is not null)
            {
                _keys[idempotencyKey] = (body, transfer.Id);
            }
        }

        Submitted?.Invoke(transfer);
        return Task.FromResult(new SubmitResult(transfer, IsReplay: false));
    }

    public Task<TransferPage> ListAsync(TransferState? state, string? cursor, int limit, CancellationToken cancellationToken) =>
        ListAsync(new TransferListQuery { States = state is { } one ? [one] : [], Cursor = cursor, Limit = limit }, cancellationToken);

    public Task<TransferPage> ListAsync(TransferListQuery query, CancellationToken cancellationToken)
    {
        ThrowIfFailing();
        lock (_gate)
        {
            Listed = query;
            int skip = query.Cursor is null ? 0 : int.Parse(query.Cursor);
            TransferResource[] all = [.. _transfers.Values
                .Where(t => query.States.Count == 0 || query.States.Contains(t.State))
                .OrderByDescending(t => t.CreatedAt).ThenBy(t => t.Id.Value, StringComparer.Ordinal)];
            TransferResource[] items = [.. all.Skip(skip).Take(query.Limit)];
            return Task.FromResult(new TransferPage { Items = items, NextCursor = skip + items.Length < all.Length ? $"{skip + items.Length}" : null });
        }
    }

    /// <summary>What was asked for last.</summary>
    public LimitNode? NodeLimited { get; private set; }

    /// <summary>How fast nodes send.</summary>
    public Dictionary<NodeId, NodeLimitsResource> NodeLimits { get; } = [];

    public Task<IReadOnlyList<NodeLimitsResource>> NodeLimitsAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailing();
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<NodeLimitsResource>>([.. NodeLimits.Values]);
        }
    }

    public Task<NodeLimitsResource> LimitNodeAsync(NodeId node, LimitNode limit, CancellationToken cancellationToken)
    {
        ThrowIfFailing();
        lock (_gate)
        {
            NodeLimited = limit;
            NodeLimitsResource now = NodeLimits.GetValueOrDefault(node) ?? new NodeLimitsResource { Node = node, InForce = true };
            LimitOrigin origin = limit.Configured is true ? LimitOrigin.Configuration : LimitOrigin.Set;
            now = limit.Peer is not { } peer
                ? now with { Limit = limit.Limit, Origin = origin }
                : now with { Peers = [.. now.Peers.Where(one => one.Peer != peer), .. limit.Configured is true ? [] : new[] { new PeerLimitResource { Peer = peer, Limit = limit.Limit, Origin = origin } }] };
            return Task.FromResult(NodeLimits[node] = now);
        }
    }

    public Task<TransferResource> GetAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        ThrowIfFailing();
        lock (_gate)
        {
            TransferResource? found = _transfers.Values.SingleOrDefault(t => t.Id.Value.StartsWith(idOrPrefix, StringComparison.Ordinal));
            return found is not null
                ? Task.FromResult(found)
                : throw new ClusterTransferException(Reason.TransferUnknown, $"No transfer starts with '{idOrPrefix}'.");
        }
    }

    public Task<TransferResource> CancelAsync(string idOrPrefix, CancellationToken cancellationToken) => WishAsync(idOrPrefix, DesiredState.Cancel, "cancel-requested", cancellationToken);

    public Task<TransferResource> PauseAsync(string idOrPrefix, CancellationToken cancellationToken) => WishAsync(idOrPrefix, DesiredState.Pause, "pause-requested", cancellationToken);

    public Task<TransferResource> ResumeAsync(string idOrPrefix, CancellationToken cancellationToken) => WishAsync(idOrPrefix, DesiredState.Run, "resume-requested", cancellationToken);

    public async Task<TransferResource> LimitAsync(string idOrPrefix, LimitTransfer limit, CancellationToken cancellationToken)
    {
        TransferResource transfer = await GetAsync(idOrPrefix, cancellationToken);
        if (transfer.State.IsTerminal())
        {
            throw new ClusterTransferException(Reason.WrongState, $"Transfer {transfer.Id} is {transfer.State}; it cannot be limited.");
        }

        Publish(transfer.Id, "limit-changed", "The limit was changed.", now => now with { Limit = limit.Limit });
        return await GetAsync(idOrPrefix, cancellationToken);
    }

    /// <summary>What was asked for by the newest retry.</summary>
    public RetryTransfer? Retried { get; private set; }

    /// <summary>Whether the queue is paused.</summary>
    public bool IsQueuePaused { get; private set; }

    /// <summary>Streams that cannot be read.</summary>
    public IReadOnlyList<DamagedStreamResource> Damaged { get; set; } = [];

    public Task<QueueResource> QueueAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailing();
        lock (_gate)
        {
            TransferResource[] waiting = [.. _transfers.Values.Where(transfer => transfer.State == TransferState.Queued)];
            return Task.FromResult(new QueueResource
            {
                Paused = IsQueuePaused, Since = time.GetUtcNow(), RunningCount = _transfers.Values.Count(transfer => transfer.State == TransferState.Active), WaitingCount = waiting.Length,
                Waiting =
                [
                    .. waiting.Select((transfer, index) => new QueuedTransferResource
                    {
                        Position = index + 1, Id = transfer.Id, Source = transfer.Source, Destination = transfer.Destination, State = transfer.State, Desired = transfer.Desired,
                        Problem = transfer.Problem, WaitingSince = transfer.WaitingSince, NextRetrySeconds = transfer.NextRetrySeconds, CreatedAt = transfer.CreatedAt,
                    }),
                ],
                DamagedCount = Damaged.Count,
                Damaged = Damaged,
            });
        }
    }

    public Task<QueueResource> PauseQueueAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailing();
        IsQueuePaused = true;
        return QueueAsync(cancellationToken);
    }

    public Task<QueueResource> ResumeQueueAsync(CancellationToken cancellationToken)
    {
        ThrowIfFailing();
        IsQueuePaused = false;
        return QueueAsync(cancellationToken);
    }

    public Task<TransferResource> RetryAsync(string idOrPrefix, CancellationToken cancellationToken) => RetryAsync(idOrPrefix, new RetryTransfer(), cancellationToken);

    public async Task<TransferResource> RetryAsync(string idOrPrefix, RetryTransfer what, CancellationToken cancellationToken)
    {
        Retried = what;
        TransferResource transfer = await GetAsync(idOrPrefix, cancellationToken);
        if (transfer.State is not (TransferState.Failed or TransferState.Partial))
        {
            throw new ClusterTransferException(Reason.WrongState, $"Transfer {transfer.Id} is {transfer.State}; only one that failed or was partly delivered can be retried.");
        }

        Publish(transfer.Id, "retry-requested", "Taken up again.", t => t with { State = TransferState.Queued, ExitCode = null, EndedAt = null, Retries = t.Retries + 1 });
        return await GetAsync(transfer.Id.Value, cancellationToken);
    }

    public async Task<IReadOnlyList<ConnectionReport>> ConnectionsAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        await GetAsync(idOrPrefix, cancellationToken);
        return Connections;
    }

    /// <summary>What nodes keep.</summary>
    public IReadOnlyList<KeptResource> Kept { get; set; } = [];

    /// <summary>How many of them are on a page.</summary>
    public int KeptPageSize { get; set; } = KeptPage.MaxItems;

    /// <summary>What becomes of those that nobody needs.</summary>
    public Func<KeptResource, KeptResource> Removing { get; set; } = one => one with { Removed = true };

    public Task<KeptPage> KeptAsync(bool remove, string? cursor, CancellationToken cancellationToken)
    {
        ThrowIfFailing();
        int from = cursor is null ? 0 : int.Parse(cursor["beta.".Length..], CultureInfo.InvariantCulture);
        return Task.FromResult(new KeptPage
        {
            Items = [.. Kept.Skip(from).Take(KeptPageSize).Select(one => remove && one.Why is KeptReason.Ended or KeptReason.Unknown ? Removing(one) : one)],
            NextCursor = from + KeptPageSize < Kept.Count ? $"beta.{from + KeptPageSize}" : null,
        });
    }

    public async Task<ChunksResource> ChunksAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        TransferResource transfer = await GetAsync(idOrPrefix, cancellationToken);
        return new ChunksResource
        {
            Transfer = transfer.Id, Found = transfer.Progress.ChunksFound, Durable = transfer.Progress.ChunksDurable, Retried = transfer.Progress.ChunksRetried,
            Failed = [.. transfer.Issues.Where(issue => issue.Chunk is not null).Select(issue => new FailedChunkResource(issue.Path, issue.Problem, issue.Chunk!))],
        };
    }

    public async Task<TransferEvents> ReadEventsAsync(TransferId id, EventPosition position, TimeSpan wait, CancellationToken cancellationToken)
    {
        long after = position.Sequence;
        ThrowIfFailing();
        Watched?.Invoke(id, after);
        Task changed;
        lock (_gate)
        {
            changed = _changed.Task;
            if (Take(id, after) is { Count: > 0 } ready)
            {
                return new TransferEvents(ready);
            }
        }

        try
        {
            await changed.WaitAsync(wait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new TransferEvents([]);
        }

        ThrowIfFailing();
        lock (_gate)
        {
            return new TransferEvents(Take(id, after));
        }
    }

    private async Task<TransferResource> WishAsync(string idOrPrefix, DesiredState desired, string kind, CancellationToken cancellationToken)
    {
        TransferResource transfer = await GetAsync(idOrPrefix, cancellationToken);
        Wished?.Invoke(transfer.Id);
        transfer = await GetAsync(idOrPrefix, cancellationToken);
        if (transfer.State.IsTerminal())
        {
            throw new ClusterTransferException(Reason.WrongState, $"Transfer {transfer.Id} is {transfer.State}.");
        }

        if (transfer.Desired != desired)
        {
            Publish(transfer.Id, kind, "Asked for.", t => t with { Desired = desired });
        }

        return await GetAsync(transfer.Id.Value, cancellationToken);
    }

    private List<TransferEvent> Take(TransferId id, long after)
    {
        List<TransferEvent> items = [.. _events[id].Where(e => e.Sequence > after)];
        if (_passing.Remove(id, out TransferEvent? passing))
        {
            items.Add(passing);
        }

        return items;
    }

    private void ThrowIfFailing()
    {
        if (Failure is { } failure)
        {
            throw failure;
        }
    }
}
