namespace ClusterTransfer.Wire.Frames;

/// <summary>What a frame says. The numbers are the wire form and are never reused.</summary>
public enum FrameType : byte
{
    /// <summary>First frame of each direction of a connection; body <see cref="HelloBody"/>.</summary>
    Hello = 1,

    /// <summary>Opens a session on this connection, and the answer to it; body <see cref="SessionProofBody"/>.</summary>
    SessionProof = 2,

    /// <summary>One encoded manifest page, see <see cref="Manifests.ManifestCodec"/>.</summary>
    ManifestPage = 3,

    /// <summary>No further pages; body <see cref="ManifestSealBody"/>.</summary>
    ManifestSeal = 4,

    /// <summary>What the destination has; body <see cref="HaveBitsBody"/>.</summary>
    HaveBits = 5,

    /// <summary>One chunk: <see cref="ChunkPrefix"/>, then its payload.</summary>
    Chunk = 6,

    /// <summary>Chunks received or, with <see cref="FrameFlags.Durable"/>, safe on disk; body <see cref="AckBody"/>.</summary>
    Ack = 7,

    /// <summary>A chunk, proof or page that was refused; body <see cref="NackBody"/>.</summary>
    Nack = 8,

    /// <summary>Files whose bytes were all read unchanged, with their roots; body <see cref="FileDoneBody"/>.</summary>
    FileDone = 9,

    /// <summary>Entries that will not be delivered; body <see cref="SourceChangedBody"/>.</summary>
    SourceChanged = 10,

    /// <summary>The session's window; body <see cref="CreditBody"/>.</summary>
    Credit = 11,

    /// <summary>The session ends; body <see cref="StopBody"/>.</summary>
    Stop = 12,

    /// <summary>Asks for, and with <see cref="FrameFlags.Reply"/> gives, a sign of life; body <see cref="PingBody"/>.</summary>
    Ping = 13,

    /// <summary>The connection ends on purpose; body <see cref="GoodbyeBody"/>.</summary>
    Goodbye = 14,
}
