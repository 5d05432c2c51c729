using System.Net.WebSockets;
using System.Text.Json;
using ClusterTransfer.Bus.Delivery;
using ClusterTransfer.Bus.Frames;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Model.Faults;

namespace ClusterTransfer.Bus;

/// <summary>The hub's own bus and the relay between the others: presence, no memory, nothing confirmed on anybody's behalf.</summary>
public sealed class EmbeddedHub : IMessageBus
{
    private readonly BusOptions _options;
    private readonly TimeProvider _time;
    private readonly BusCounters _counters = new();
    private readonly Action<BusEvent> _report;
    private readonly DeliveryPump _pump;
    private readonly MemberTable _members;
    private readonly CancellationTokenSource _stopping = new();
    private int _disposed;

    /// <summary>Makes the hub's bus.</summary>
    /// <param name="self">What the hub announces of itself.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="timeProvider">Clock of heartbeats.</param>
    /// <param name="onEvent">Hears what happens, for the log; must not block or throw.</param>
    public EmbeddedHub(Member self, BusOptions options, TimeProvider timeProvider, Action<BusEvent>? onEvent = null)
    {
        _options = options;
        _time = timeProvider;
        _report = onEvent ?? (_ => { });
        _members = new MemberTable(self with { IsHub = true }, options, timeProvider);
        _pump = new DeliveryPump(options, timeProvider, _counters, () => _members.Members, _report);
        _members.Changed += _pump.TellMembers;
    }

    /// <inheritdoc/>
    public NodeId Self => _members.Self.Node;

    /// <inheritdoc/>
    public Incarnation Incarnation => _members.Self.Incarnation;

    /// <inheritdoc/>
    public bool IsConnected => true;

    /// <inheritdoc/>
    public IReadOnlyList<Member> Members => _members.Members;

    /// <inheritdoc/>
    public IReadOnlyList<KnownMember> KnownMembers => _members.Known;

    /// <summary>Counters since the start.</summary>
    public BusStatistics Statistics => _counters.Snapshot();

    /// <inheritdoc/>
    public void Start(IBusReceiver receiver)
    {
        _pump.TellConnection(connected: true, problem: null);
        _pump.TellMembers();
        _pump.Start(receiver);
    }

    /// <summary>Serves one link until it ends; then the socket is closed. Does not throw for what a peer does.</summary>
    /// <param name="socket">Accepted socket; the hub owns it from here.</param>
    /// <param name="peer">The node its certificate names.</param>
    /// <param name="cancellationToken">Ends the link, for example when the request is aborted or its certificate is revoked.</param>
    public async Task AcceptAsync(WebSocket socket, NodeId peer, CancellationToken cancellationToken)
    {
        using Link link = new(socket, _options, _time, _counters);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, cancellationToken);
        try
        {
            Envelope first = await link.ReadFirstAsync(_options.HandshakeTimeout, either.Token).ConfigureAwait(false);
            Member member = Announced(first, peer);
            await _members.AdmitAsync(member, link, either.Token).ConfigureAwait(false);
        }
        catch (ClusterTransferException error)
        {
            Interlocked.Increment(ref _counters.LinksRefused);
            _report(new BusEvent(BusEventKind.LinkRefused, peer, error.Problem));
            await link.RefuseAsync(error.Problem).ConfigureAwait(false);
            return;
        }
        catch (OperationCanceledException)
        {
            return;   // this hub stops, or the link was cancelled, before it was let in
        }
        catch (Exception error)
        {
            _report(new BusEvent(
                BusEventKind.LinkRefused, peer, new Problem(Reason.NodeUnreachable, $"The connection broke before its announcement: {error.Message}")));
            return;
        }

        await ServeAsync(link, peer, either.Token).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task SendAsync(BusTarget to, BusMessage message, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        cancellationToken.ThrowIfCancellationRequested();
        (JsonElement json, int bytes) = FrameCodec.EncodeBody(message, _options);
        EnqueueResult result;
        NodeId node = to is BusTarget.Node target ? target.Id : Self;
        if (node == Self)
        {
            result = await _pump.EnqueueAsync(new BusDelivery(Self, message), bytes, _options.SlowConsumerGrace, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Link link = _members.Find(node) ?? throw Unreachable(node);
            result = await link.SendAsync(FrameCodec.EncodeMessage(Self, to, json), cancellationToken).ConfigureAwait(false);
            if (result == EnqueueResult.Full)
            {
                CloseSlow(node, link);
            }
        }

        switch (result)
        {
            case EnqueueResult.Queued:
                Interlocked.Increment(ref _counters.Sent);
                return;
            case EnqueueResult.Crowded:
            case EnqueueResult.Full when node == Self:
                throw new ClusterTransferException(Reason.LimitReached, $"Too many messages wait for node {node}.");
            default:
                throw Unreachable(node);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            // The receiver first: what still comes in while the links end is not for it any more.
            await _pump.DisposeAsync().ConfigureAwait(false);
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _members.WhenEmptyAsync().ConfigureAwait(false);
        }
    }

    private static ClusterTransferException Unreachable(NodeId node) => new(Reason.NodeUnreachable, $"Node {node} is not connected to the hub.");

    /// <exception cref="ClusterTransferException">The frame is no announcement, or names another node than the certificate.</exception>
    private static Member Announced(Envelope frame, NodeId peer)
    {
        if (frame.Kind != Envelope.Announce || frame.Member is null)
        {
            throw new ClusterTransferException(Reason.ProtocolViolation, $"Node {peer} did not begin with its announcement.");
        }

        return frame.Member.Node == peer
            ? frame.Member with { IsHub = false }
            : throw new ClusterTransferException(
                Reason.IdentityRefused, $"A node with the certificate of {peer} announced itself as {frame.Member.Node}.");
    }

    private async Task ServeAsync(Link link, NodeId peer, CancellationToken cancellationToken)
    {
        LinkEnd? end = null;
        try
        {
            // The welcome goes out before anything that others may have queued for this member already.
            await link.WriteFirstAsync(_members.EncodeWelcome(), cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _counters.LinksUp);
            _report(new BusEvent(BusEventKind.LinkUp, peer, null));
            Task<LinkEnd> running = link.RunAsync((frame, bytes, token) => OnFrameAsync(peer, frame, bytes, token), cancellationToken);

            // A member is gone with its link's end, not with the last courtesy to its socket.
            await link.Ended.ConfigureAwait(false);
            _members.Remove(peer, link);
            end = await running.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Gone while it was welcomed; whoever sends to it finds the link ended.
            link.End(new LinkEnd(LinkEndReason.PeerClosed, new Problem(Reason.NodeUnreachable, $"The connection broke: {error.Message}")));
        }
        finally
        {
            _members.Remove(peer, link);
            _report(new BusEvent(BusEventKind.LinkDown, peer, end?.Problem));
        }
    }

    private async ValueTask OnFrameAsync(NodeId from, Envelope frame, int bytes, CancellationToken cancellationToken)
    {
        if (frame.Kind != Envelope.BusMessage || TargetText.TryParse(frame.To) is not { } to)
        {
            throw new ClusterTransferException(Reason.ProtocolViolation, $"Node {from} sent a frame that is none of a member.");
        }

        if (FrameCodec.TryDecodeBody(frame, bytes, _options, out Problem? problem) is not { } message)
        {
            if (problem!.Reason == Reason.LimitReached)
            {
                throw new ClusterTransferException(problem);
            }

            Reject(from, problem);
            return;
        }

        Fault.Point("h0.before");
        if (to is BusTarget.Node node && node.Id != Self)
        {
            await RelayAsync(from, node, frame.Message!.Value, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await _pump.EnqueueAsync(new BusDelivery(from, message), bytes, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }

        Fault.Point("h1.after");
    }

    private async ValueTask RelayAsync(NodeId from, BusTarget.Node to, JsonElement message, CancellationToken cancellationToken)
    {
        if (FrameCodec.TryEncodeRelayed(from, to, message, out Problem? problem) is not { } frame)
        {
            Reject(from, problem!);   // said when there is no frame
            return;
        }

        EnqueueResult result = EnqueueResult.Closed;
        if (_members.Find(to.Id) is { } link)
        {
            result = await link.SendAsync(frame, cancellationToken).ConfigureAwait(false);
            if (result == EnqueueResult.Full)
            {
                CloseSlow(to.Id, link);
            }
        }

        if (result == EnqueueResult.Queued)
        {
            Interlocked.Increment(ref _counters.Relayed);
        }
        else
        {
            Reject(from, new Problem(Reason.NodeUnreachable, $"A message of {from} for {to.Id} was dropped: that node is not connected or too slow."));
        }
    }

    private void CloseSlow(NodeId node, Link link)
    {
        Problem problem = new(Reason.LimitReached, $"Node {node} did not take its messages within {_options.SlowConsumerGrace.TotalSeconds:0.#} s.");
        link.End(new LinkEnd(LinkEndReason.SlowConsumer, problem));
        _report(new BusEvent(BusEventKind.SlowConsumer, node, problem));
    }

    private void Reject(NodeId from, Problem problem)
    {
        Interlocked.Increment(ref _counters.Rejected);
        _report(new BusEvent(BusEventKind.MessageRejected, from, problem));
    }
}
