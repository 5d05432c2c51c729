namespace ClusterTransfer.Wire.Frames;

/// <summary>How a frame is to be read. Unknown bits are ignored: a bit that changes meaning is first agreed by a feature of Hello.</summary>
[Flags]
public enum FrameFlags : ushort
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Chunk: the payload holds several whole small files.</summary>
    Packed = 1,

    /// <summary>Ack: the chunks are flushed and journaled, not only received.</summary>
    Durable = 2,

    /// <summary>The answer: of Ping, of SessionProof, and FileDone from the destination.</summary>
    Reply = 4,

    /// <summary>Chunk: the payload is one LZ4 block of raw-length bytes. Sent only to a peer with <see cref="HelloFeatures.Lz4"/>.</summary>
    Lz4 = 8,

    /// <summary>Chunk: the payload is one Zstandard frame of raw-length bytes. Sent only to a peer with <see cref="HelloFeatures.Zstandard"/>.</summary>
    Zstandard = 16,
}
