using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Where received frames go.</summary>
public interface IFrameReceiver
{
    /// <summary>Takes one frame. Called by one pump, one frame at a time, in order of arrival; Ping, Hello and Goodbye never get here.</summary>
    /// <param name="header">Checked: magic, version, checksum, type and length.</param>
    /// <param name="body">Exactly the frame's body, not looked at yet. Ownership passes to the receiver on every path, a throw included.</param>
    /// <param name="cancellationToken">Fires when the connection ends: return soon, the connection waits for it.</param>
    /// <remarks>While it has not completed nothing more is read from this peer: that is the back-pressure. A throw ends the connection as
    /// <see cref="PumpEndReason.Faulted"/>.</remarks>
    ValueTask OnFrameAsync(FrameHeader header, BufferLease body, CancellationToken cancellationToken);

    /// <summary>A frame was skipped: its header is whole but says something that cannot be. The peer was told; after a few the connection is closed.</summary>
    /// <param name="what">What it was.</param>
    void OnRefused(string what)
    {
    }

    /// <summary>Part of a frame's body has arrived; the frame itself follows when it is whole. Called by the same pump, and must not block.</summary>
    /// <param name="header">The frame's, as for <see cref="OnFrameAsync"/>.</param>
    /// <param name="bytes">How much of it; over a slow line a chunk takes minutes and comes in thousands of parts.</param>
    void OnBytes(in FrameHeader header, int bytes)
    {
    }
}
