namespace ClusterTransfer.Wire.Frames;

/// <summary>Bits of <see cref="HelloBody.Features"/>: what a node can do beyond the protocol version. Used only when both ends set them; never reused.</summary>
[Flags]
public enum HelloFeatures : ulong
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>Reads manifest pages of format 2, whose files have holes.</summary>
    SparseFiles = 1,

    /// <summary>All that this version can do.</summary>
    All = SparseFiles,
}
