namespace ClusterTransfer.Wire.Frames;

/// <summary>How long a frame's body may be, by type; checked from the header, before any buffer is rented.</summary>
public static class FrameLimits
{
    /// <summary>Bytes in the body of a control frame: anything but a page and a chunk.</summary>
    public const int ControlBody = 64 * 1024;

    /// <summary>Bytes in an encoded manifest page.</summary>
    public const int ManifestPageBody = 1024 * 1024;

    /// <summary>Bytes of a chunk's payload.</summary>
    public const int ChunkPayload = 16 * 1024 * 1024;

    /// <summary>Bytes in the body of a chunk: its payload with room for the prefix and for what a codec may add.</summary>
    public const int ChunkBody = ChunkPayload + (64 * 1024);

    /// <summary>Bytes in the longest body of any type; a longer one cannot be skipped.</summary>
    public const int AnyBody = ChunkBody;

    /// <summary>The limit of a type; 0 for an unknown one.</summary>
    public static int BodyOf(FrameType type) => type switch
    {
        FrameType.Chunk => ChunkBody,
        FrameType.ManifestPage => ManifestPageBody,
        >= FrameType.Hello and <= FrameType.Goodbye => ControlBody,
        _ => 0,
    };
}
