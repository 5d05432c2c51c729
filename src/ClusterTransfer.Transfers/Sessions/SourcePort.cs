using ClusterTransfer.Actors;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Frames for a source session: all of them are small, so each goes to the actor as a copy, a bounded number at a time.</summary>
internal sealed class SourcePort(IActorRef session, ControlGate gate) : ISessionPort
{
    public ValueTask OnFrameAsync(ConnectionHandle connection, FrameHeader header, BufferLease body, CancellationToken cancellationToken)
    {
        if (header.Type is not (FrameType.Chunk or FrameType.ManifestPage))
        {
            return gate.PassAsync(session, connection, header, body, cancellationToken);
        }

        // Large frames have no business here, and are not copied to find that out.
        body.Dispose();
        connection.Judge($"a {header.Type} frame sent to the source");
        return ValueTask.CompletedTask;
    }
}
