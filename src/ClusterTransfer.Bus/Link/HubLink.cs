using System.Net.WebSockets;
using System.Text.Json;
using ClusterTransfer.Bus.Delivery;
using ClusterTransfer.Bus.Frames;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus;

/// <summary>A node's bus: one link to the hub, dialled again whenever it ends.</summary>
public sealed class HubLink : IMessageBus
{
    private readonly Member _self;
    private readonly Func<CancellationToken, Task<WebSocket>> _dial;
    private readonly BusOptions _options;
    private readonly TimeProvider _time;
    private readonly BusCounters _counters = new();
    private readonly Action<BusEvent> _report;
    private readonly DeliveryPump _pump;
    private readonly KnownMemberList _known;
    private readonly CancellationTokenSource _stopping = new();
    private volatile Connection? _connection;
    private Task _running = Task.CompletedTask;
    private int _disposed;

    /// <summary>Makes a node's bus; it dials from <see cref="Start"/> on.</summary>
    /// <param name="self">What this node announces.</param>
    /// <param name="dial">Opens a socket to the hub after mutual TLS, see <see cref="HubDialer"/>.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="timeProvider">Clock of heartbeats and pauses.</param>
    /// <param name="onEvent">Hears what happens, for the log; must not block or throw.</param>
    public HubLink(
        Member self, Func<CancellationToken, Task<WebSocket>> dial, BusOptions options, TimeProvider timeProvider, Action<BusEvent>? onEvent = null)
    {
        _self = self with { IsHub = false };
        _dial = dial;
        _options = options;
        _time = timeProvider;
        _report = onEvent ?? (_ => { });
        _known = new KnownMemberList(options.MaxKnownMembers, timeProvider);
        _known.Update([_self]);
        _pump = new DeliveryPump(options, timeProvider, _counters, () => Members, _report);
    }

    /// <inheritdoc/>
    public NodeId Self => _self.Node;

    /// <inheritdoc/>
    public Incarnation Incarnation => _self.Incarnation;

    /// <inheritdoc/>
    public bool IsConnected => _connection is not null;

    /// <inheritdoc/>
    public IReadOnlyList<Member> Members => _connection?.Members ?? [_self];

    /// <inheritdoc/>
    public IReadOnlyList<KnownMember> KnownMembers => _known.Snapshot();

    /// <summary>Counters since the start.</summary>
    public BusStatistics Statistics => _counters.Snapshot();

    /// <summary>From 0 to 1; a test gives a fixed one.</summary>
    internal Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    /// <inheritdoc/>
    public void Start(IBusReceiver receiver)
    {
        _pump.TellMembers();
        _pump.Start(receiver);
        _running = Task.Run(StayConnectedAsync);
    }

    /// <inheritdoc/>
    public async Task SendAsync(BusTarget to, BusMessage message, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        cancellationToken.ThrowIfCancellationRequested();
        (JsonElement json, int bytes) = FrameCodec.EncodeBody(message, _options);
        EnqueueResult result;
        if (to is BusTarget.Node self && self.Id == Self)
        {
            result = await _pump.EnqueueAsync(new BusDelivery(Self, message), bytes, _options.SlowConsumerGrace, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Connection connection = _connection ?? throw HubAway();
            if (to is BusTarget.Node node && !connection.Has(node.Id))
            {
                throw new ClusterTransferException(Reason.NodeUnreachable, $"Node {node.Id} is not connected to the hub.");
            }

            result = await connection.Link.SendAsync(FrameCodec.EncodeMessage(Self, to, json), cancellationToken).ConfigureAwait(false);
        }

        switch (result)
        {
            case EnqueueResult.Queued:
                Interlocked.Increment(ref _counters.Sent);
                return;
            case EnqueueResult.Closed:
                throw HubAway();
            default:
                throw new ClusterTransferException(Reason.LimitReached, "Too many messages wait to be sent: the hub takes them too slowly.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            // The receiver first: what still comes in while the link ends is not for it any more.
            await _pump.DisposeAsync().ConfigureAwait(false);
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _running.ConfigureAwait(false);
        }
    }

    private static ClusterTransferException HubAway() => new(Reason.HubUnreachable, "This node is not connected to the hub.");

    private async Task StayConnectedAsync()
    {
        int attempt = 0;
        while (!_stopping.IsCancellationRequested)
        {
            long begun = _time.GetTimestamp();
            Problem problem = await ConnectOnceAsync(_stopping.Token).ConfigureAwait(false);
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            // Only a link that held starts the pauses anew: one that flaps keeps them long.
            attempt = _time.GetElapsedTime(begun) >= _options.ReconnectMax ? 0 : attempt;
            _pump.TellConnection(connected: false, problem);
            _pump.TellMembers();
            try
            {
                TimeSpan pause = Backoff.Pause(_options.ReconnectMin, _options.ReconnectMax, attempt++, Jitter());
                await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Dials, serves the link until it ends, and says why it did; throws nothing.</summary>
    private async Task<Problem> ConnectOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            using WebSocket socket = await DialAsync(cancellationToken).ConfigureAwait(false);
            using Link link = new(socket, _options, _time, _counters);
            await link.WriteFirstAsync(Announcement(), cancellationToken).ConfigureAwait(false);

            // The hub may first try an older link of our name for one heartbeat interval.
            Envelope first = await link.ReadFirstAsync(_options.HandshakeTimeout + _options.HeartbeatInterval, cancellationToken).ConfigureAwait(false);
            if (first is not { Kind: Envelope.Welcome, Member: { IsHub: true } hub, Members: { } members })
            {
                return Refused(first.Problem ?? new Problem(Reason.ProtocolViolation, "The hub did not begin with a welcome."));
            }

            return await ServeAsync(link, hub.Node, members, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterTransferException error)
        {
            return error.Reason is Reason.IdentityRefused or Reason.VersionMismatch ? Refused(error.Problem) : error.Problem;
        }
        catch (Exception error)
        {
            return new Problem(Reason.HubUnreachable, $"The connection to the hub failed: {error.Message}");
        }
    }

    private async Task<Problem> ServeAsync(Link link, NodeId hub, List<Member> members, CancellationToken cancellationToken)
    {
        TakeMembers(new Connection(link, members));
        Interlocked.Increment(ref _counters.LinksUp);
        _report(new BusEvent(BusEventKind.LinkUp, hub, null));
        _pump.TellConnection(connected: true, problem: null);
        LinkEnd end = await link.RunAsync((frame, bytes, token) => OnFrameAsync(link, frame, bytes, token), cancellationToken).ConfigureAwait(false);
        _connection = null;
        _known.Update([_self]);
        _report(new BusEvent(BusEventKind.LinkDown, hub, end.Problem));
        return end.Problem;
    }

    private async Task<WebSocket> DialAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(_options.HandshakeTimeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await _dial(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterTransferException(
                Reason.HubUnreachable, $"The hub did not answer within {_options.HandshakeTimeout.TotalSeconds:0.#} s.");
        }
    }

    private byte[] Announcement() =>
        FrameCodec.Encode(new Envelope { Version = FrameCodec.ProtocolVersion, Kind = Envelope.Announce, Member = _self });

    private Problem Refused(Problem problem)
    {
        Interlocked.Increment(ref _counters.LinksRefused);
        _report(new BusEvent(BusEventKind.LinkRefused, null, problem));
        return problem;
    }

    private async ValueTask OnFrameAsync(Link link, Envelope frame, int bytes, CancellationToken cancellationToken)
    {
        switch (frame)
        {
            case { Kind: Envelope.MembersChanged, Members: { } members }:
                TakeMembers(new Connection(link, members));
                break;
            case { Kind: Envelope.BusMessage, From: { } from }:
                if (FrameCodec.TryDecodeBody(frame, bytes, _options, out Problem? problem) is { } message)
                {
                    await _pump.EnqueueAsync(new BusDelivery(from, message), bytes, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
                    break;
                }

                if (problem!.Reason == Reason.LimitReached)
                {
                    throw new ClusterTransferException(problem);
                }

                Interlocked.Increment(ref _counters.Rejected);
                _report(new BusEvent(BusEventKind.MessageRejected, from, problem));
                break;
            default:
                throw new ClusterTransferException(Reason.ProtocolViolation, "The hub sent a frame that is none of a hub.");
        }
    }

    private void TakeMembers(Connection connection)
    {
        _connection = connection;
        _known.Update(connection.Members);
        _pump.TellMembers();
    }

    /// <summary>A welcomed link with the members that the hub told last; replaced as one.</summary>
    private sealed record Connection(Link Link, IReadOnlyList<Member> Members)
    {
        public bool Has(NodeId node) => Members.Any(member => member.Node == node);
    }
}
