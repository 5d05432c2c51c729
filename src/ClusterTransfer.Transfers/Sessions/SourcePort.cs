using ClusterTransfer.Actors;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Frames for a source session: all of them are small, so each goes to the actor as a copy, a bounded number at a time.</summary>
internal sealed class SourcePort(IActorRef session, ControlGate gate) : ISessionPort
{
    public ValueTask OnFrameAsync(ConnectionHandle connection, FrameHeader header, BufferLease body, CancellationToken cancellationToken) =>
        gate.PassAsync(session, connection, header, body, cancellationToken);
}
