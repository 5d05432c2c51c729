namespace ClusterTransfer.Model;

/// <summary>Place of a chunk in the plan of a transfer, from 0, over all manifest pages.</summary>
public readonly record struct ChunkIndex(uint Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
