using ClusterTransfer.Actors;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>A data connection with the actor that owns it. Sessions send on the connection and talk to the actor.</summary>
internal sealed record ConnectionHandle(int Number, IDataConnection Connection, IActorRef Actor)
{
    /// <summary>Queues a control frame. A connection whose bounded queue is full has a peer that does not read: it is closed, its chunks go elsewhere.</summary>
    public void Send(OutgoingFrame frame)
    {
        if (!Connection.TrySend(frame))
        {
            Actor.Tell(ConnectionProtocol.QueueFull.Instance);
        }
    }
}
