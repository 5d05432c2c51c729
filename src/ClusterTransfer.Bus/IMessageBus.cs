using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus;

/// <summary>Carries control messages between nodes and says who is there. At most once: correctness never depends on it.</summary>
/// <remarks>Messages of one sender to one receiver arrive in the order of the calls of <see cref="SendAsync"/>, as long as its link lives.</remarks>
public interface IMessageBus : IAsyncDisposable
{
    /// <summary>This node.</summary>
    NodeId Self { get; }

    /// <summary>This run of its process.</summary>
    Incarnation Incarnation { get; }

    /// <summary>Whether the hub can be reached now; always true on the hub.</summary>
    bool IsConnected { get; }

    /// <summary>Who is connected now, this node included; this node alone while the hub is away.</summary>
    IReadOnlyList<Member> Members { get; }

    /// <summary>Members seen lately, connected or not; bounded.</summary>
    IReadOnlyList<KnownMember> KnownMembers { get; }

    /// <summary>Queues a message; returns when it is on its way, which does not mean that it arrives. Waits a short, bounded time for room.</summary>
    /// <exception cref="ClusterTransferException">It was surely not sent: <see cref="Reason.HubUnreachable"/>,
    /// <see cref="Reason.NodeUnreachable"/> or <see cref="Reason.LimitReached"/> (too large, or no room).</exception>
    Task SendAsync(BusTarget to, BusMessage message, CancellationToken cancellationToken);

    /// <summary>Begins to deliver, and to connect. Once only.</summary>
    /// <remarks>After <see cref="IAsyncDisposable.DisposeAsync"/> has completed the receiver is not called again; it must not dispose the bus from inside a call.</remarks>
    void Start(IBusReceiver receiver);
}

/// <summary>Where a bus delivers to. All calls come one after the other from one pump; the next waits for the one before.</summary>
public interface IBusReceiver
{
    /// <summary>A message. An exception is reported and the next message delivered.</summary>
    ValueTask OnMessageAsync(BusDelivery delivery, CancellationToken cancellationToken);

    /// <summary>Who is connected has changed; several changes may come as one.</summary>
    void OnMembersChanged(IReadOnlyList<Member> members);

    /// <summary>The link to the hub came up or ended, with the reason; a short change may be skipped, the last never is.</summary>
    void OnConnectionChanged(bool connected, Problem? problem);
}
