using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>What a reader found next in the stream.</summary>
internal enum FrameReadKind
{
    /// <summary>A frame; its body is leased and belongs to the caller.</summary>
    Frame,

    /// <summary>A frame of a type or length that is not taken; it has been read past.</summary>
    Refused,

    /// <summary>The stream ended between two frames.</summary>
    EndOfStream,

    /// <summary>The stream ended inside a frame.</summary>
    Truncated,

    /// <summary>No header can be read here, so no later one either.</summary>
    Corrupt,
}

/// <summary>One step of a <see cref="FrameReader"/>.</summary>
internal readonly record struct FrameRead(FrameReadKind Kind, FrameHeader Header, BufferLease? Body, FrameError Error);
