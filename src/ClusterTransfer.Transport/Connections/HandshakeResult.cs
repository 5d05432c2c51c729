using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>What the Hello exchange leaves to the connection: both Hellos, and the reader and writer with the bytes they hold.</summary>
internal sealed record HandshakeResult(
    HelloBody Local, HelloBody Peer, FrameReader Reader, FrameWriter Writer, Liveness Liveness, ConnectionCounters Counters);
