namespace ClusterTransfer.Wire.Frames;

/// <summary>Bits of <see cref="HelloBody.Features"/>: what a node can do beyond the protocol version. Used only when both ends set them; never reused.</summary>
[Flags]
public enum HelloFeatures : ulong
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Reads manifest pages of format 2, whose files have holes.</summary>
    SparseFiles = 1,

    /// <summary>Restores chunks with <see cref="FrameFlags.Lz4"/>.</summary>
    Lz4 = 2,

    /// <summary>Restores chunks with <see cref="FrameFlags.Zstandard"/>.</summary>
    Zstandard = 4,

    /// <summary>All that this version can do on every system; codecs come on top where their libraries are.</summary>
    All = SparseFiles,
}
