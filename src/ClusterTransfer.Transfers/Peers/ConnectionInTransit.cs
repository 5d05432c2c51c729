using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>A connection in the mailbox of the actor that will own it: taken by that actor, or closed when it stops without having read it.</summary>
internal sealed class ConnectionInTransit
{
    private readonly IDataConnection _connection;
    private readonly CancellationTokenRegistration _closing;

    /// <summary>Owns the connection until it is taken.</summary>
    /// <param name="connection">Not yet run.</param>
    /// <param name="ownerStopped">Fires when the actor will read no more; when it has fired already the connection is closed at once.</param>
    public ConnectionInTransit(IDataConnection connection, CancellationToken ownerStopped)
    {
        _connection = connection;
        _closing = ownerStopped.UnsafeRegister(static state => Close((IDataConnection)state!), connection);
    }

    /// <summary>The connection; whoever takes it owns it. To be called by the actor while it handles the message.</summary>
    public IDataConnection Take()
    {
        _closing.Dispose();
        return _connection;
    }

    // Nobody is left to wait for it, and closing a connection that never ran fails in no way anybody could mend.
    private static void Close(IDataConnection connection) => _ = connection.DisposeAsync().AsTask();
}
