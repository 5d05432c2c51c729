namespace ClusterTransfer.Hocon;

/// <summary>Values in order.</summary>
public sealed class HoconArray : HoconValue
{
    private const int ShownItems = 4;

    /// <summary>Makes an array; the list is owned by it from now on.</summary>
    internal HoconArray(IReadOnlyList<HoconValue> items, HoconOrigin origin)
        : base(origin, 1 + items.Select(item => item.Depth).DefaultIfEmpty().Max()) => Items = items;

    /// <summary>The values.</summary>
    public IReadOnlyList<HoconValue> Items { get; }

    /// <inheritdoc/>
    public override string KindName => "an array";

    /// <inheritdoc/>
    public override string ToString() =>
        $"[{string.Join(", ", Items.Take(ShownItems).Select(item => item is HoconScalar ? item.ToString() : item.KindName))}{(Items.Count > ShownItems ? ", ..." : string.Empty)}]";
}
