using ClusterTransfer.Actors;
using ClusterTransfer.Transfers.Policies;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>A data connection with the actor that owns it. Sessions send on the connection and talk to the actor.</summary>
internal sealed record ConnectionHandle(int Number, IDataConnection Connection, IActorRef Actor)
{
    private volatile ConnectionHealth _health = ConnectionHealth.Untouched;

    /// <summary>What the connection's actor knows of its chunks; written by that actor only, read by its sessions.</summary>
    public ConnectionHealth Health
    {
        get => _health;
        set => _health = value;
    }

    /// <summary>Says of a chunk that went over it whether it arrived undamaged.</summary>
    /// <param name="damage">What was wrong with it; null for nothing.</param>
    public void Judge(string? damage) => Actor.Tell(new ConnectionProtocol.Judged(damage));

    /// <summary>Queues a control frame. A connection whose bounded queue is full has a peer that does not read: it is closed, its chunks go elsewhere.</summary>
    public void Send(OutgoingFrame frame)
    {
        if (!Connection.TrySend(frame))
        {
            Actor.Tell(ConnectionProtocol.QueueFull.Instance);
        }
    }
}
