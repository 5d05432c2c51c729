namespace ClusterTransfer.Wire.Compression;

/// <summary>How the payload of a chunk frame is stored.</summary>
public enum PayloadCodec
{
    /// <summary>As it is.</summary>
    None = 0,

    /// <summary>One LZ4 block.</summary>
    Lz4 = 1,

    /// <summary>One Zstandard frame.</summary>
    Zstandard = 2,
}
