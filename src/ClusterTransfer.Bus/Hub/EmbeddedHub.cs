using System.Net.WebSockets;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus;

/// <summary>The hub's own bus and the relay between the others: presence, no memory, nothing confirmed on anybody's behalf.</summary>
public sealed class EmbeddedHub : IMessageBus
{
    /// <summary>Makes the hub's bus.</summary>
    public EmbeddedHub(Member self, BusOptions options, TimeProvider timeProvider, Action<BusEvent>? onEvent = null) => throw new NotImplementedException();

    /// <inheritdoc/>
    public NodeId Self => throw new NotImplementedException();

    /// <inheritdoc/>
    public Incarnation Incarnation => throw new NotImplementedException();

    /// <inheritdoc/>
    public bool IsConnected => true;

    /// <inheritdoc/>
    public IReadOnlyList<Member> Members => throw new NotImplementedException();

    /// <inheritdoc/>
    public IReadOnlyList<KnownMember> KnownMembers => throw new NotImplementedException();

    /// <summary>Counters since the start.</summary>
    public BusStatistics Statistics => throw new NotImplementedException();

    /// <summary>Serves one link until it ends; then the socket is closed. Does not throw for what a peer does.</summary>
    /// <param name="socket">Accepted socket; the hub owns it from here.</param>
    /// <param name="peer">The node its certificate names.</param>
    /// <param name="cancellationToken">Ends the link, for example when the request is aborted or its certificate is revoked.</param>
    public Task AcceptAsync(WebSocket socket, NodeId peer, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task SendAsync(BusTarget to, BusMessage message, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Start(IBusReceiver receiver) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
