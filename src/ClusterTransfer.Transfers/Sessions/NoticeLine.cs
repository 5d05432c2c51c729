using ClusterTransfer.Actors;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Sends a session's notices one frame at a time: the next when the connection has taken the one before into the queue where it lets its sender wait.</summary>
/// <remarks>The queue of control frames does not wait: a long list would fill it, which ends the connection, and the next one would get the same list. Used by one actor.</remarks>
internal sealed class NoticeLine(IActorRef session)
{
    private bool _isBusy;

    /// <summary>Sends the next frame, unless one waits for its place or there is none to send.</summary>
    /// <param name="connection">Where; null when there is none.</param>
    /// <param name="next">Makes the frame; null when nothing is due.</param>
    /// <param name="cancellationToken">Fires when the session ends.</param>
    public void Send(ConnectionHandle? connection, Func<int, OutgoingFrame?> next, CancellationToken cancellationToken)
    {
        if (_isBusy || connection is null || next(connection.Number) is not { } frame)
        {
            return;
        }

        _isBusy = true;
        connection.Connection.SendChunkAsync(frame, cancellationToken).AsTask().PipeTo(
            session,
            success: taken => new SessionProtocol.NoticeTaken(connection.Number, taken),
            failure: _ => new SessionProtocol.NoticeTaken(connection.Number, Taken: false));
    }

    /// <summary>The frame has its place, or its connection is ending.</summary>
    /// <returns>Whether the next one may be sent; else the connection's end follows, and tells.</returns>
    public bool Freed(SessionProtocol.NoticeTaken taken, IReadOnlyDictionary<int, ConnectionHandle> connections)
    {
        _isBusy = false;
        return taken.Taken || !connections.ContainsKey(taken.Connection);
    }
}
