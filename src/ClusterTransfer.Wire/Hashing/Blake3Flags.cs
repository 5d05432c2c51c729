namespace ClusterTransfer.Wire.Hashing;

/// <summary>Domain flags of the blocks of one input.</summary>
internal readonly record struct Blake3Flags(uint Every, uint First, uint Last)
{
    /// <summary>Blocks of a chunk that is not the root.</summary>
    public static readonly Blake3Flags Chunk = new(0, Blake3Constants.ChunkStart, Blake3Constants.ChunkEnd);

    /// <summary>The one block of a parent that is not the root.</summary>
    public static readonly Blake3Flags Parent = new(Blake3Constants.Parent, 0, 0);

    /// <summary>The flags of one block.</summary>
    public uint Of(int block, int blocks) => Every | (block == 0 ? First : 0) | (block == blocks - 1 ? Last : 0);
}
