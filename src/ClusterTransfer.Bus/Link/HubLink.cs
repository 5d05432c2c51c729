using System.Net.WebSockets;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus;

/// <summary>A node's bus: one link to the hub, dialled again whenever it ends.</summary>
public sealed class HubLink : IMessageBus
{
    /// <summary>Makes a node's bus; it dials from <see cref="Start"/> on.</summary>
    /// <param name="self">What this node announces.</param>
    /// <param name="dial">Opens a socket to the hub after mutual TLS, see <see cref="HubDialer"/>.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="timeProvider">Clock of heartbeats and pauses.</param>
    /// <param name="onEvent">Hears what happens, for the log; must not block or throw.</param>
    public HubLink(
        Member self, Func<CancellationToken, Task<WebSocket>> dial, BusOptions options, TimeProvider timeProvider, Action<BusEvent>? onEvent = null) => throw new NotImplementedException();

    /// <inheritdoc/>
    public NodeId Self => throw new NotImplementedException();

    /// <inheritdoc/>
    public Incarnation Incarnation => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool IsConnected => throw new NotImplementedException();

    /// <inheritdoc/>
    public IReadOnlyList<Member> Members => throw new NotImplementedException();

    /// <inheritdoc/>
    public IReadOnlyList<KnownMember> KnownMembers => throw new NotImplementedException();

    /// <summary>Counters since the start.</summary>
    public BusStatistics Statistics => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task SendAsync(BusTarget to, BusMessage message, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Start(IBusReceiver receiver) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
