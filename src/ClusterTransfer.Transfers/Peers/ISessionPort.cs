using ClusterTransfer.Model;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Peers;

/// <summary>Where the receive pumps hand the frames of one session to. Called by several pumps at once.</summary>
internal interface ISessionPort
{
    /// <summary>Takes one frame and owns its body from here. The pump reads on when this returns: waiting here is the back-pressure.</summary>
    ValueTask OnFrameAsync(ConnectionHandle connection, FrameHeader header, BufferLease body, CancellationToken cancellationToken);

    /// <summary>Part of a frame has arrived, the rest is on its way.</summary>
    void OnBytes(int bytes)
    {
    }
}

/// <summary>One end of a session as connections see it: what must be proven, and where its frames go.</summary>
internal sealed record SessionBinding(
    TransferId TransferId,
    Epoch Epoch,
    SessionId SessionId,
    Model.Control.SessionRole Role,
    NodeId Peer,
    IReadOnlyList<string> PeerAddresses,
    byte[] Secret,
    int Connections,
    Actors.IActorRef Session,
    ISessionPort Port)
{
    /// <summary>How many damaged chunks and frames its connections may bring.</summary>
    public BadChunkPolicy BadChunks { get; init; } = TransferPolicies.Default.BadChunks;
}
