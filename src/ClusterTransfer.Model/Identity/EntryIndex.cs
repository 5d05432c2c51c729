namespace ClusterTransfer.Model;

/// <summary>Place of an entry (file, folder, link) in the manifest of a transfer, from 0, over all pages.</summary>
public readonly record struct EntryIndex(uint Value)
{
    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
