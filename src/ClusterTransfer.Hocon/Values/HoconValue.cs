namespace ClusterTransfer.Hocon;

/// <summary>A resolved, immutable value that knows where it was written.</summary>
public abstract class HoconValue
{
    private protected HoconValue(HoconOrigin origin, int depth)
    {
        Origin = origin;
        Depth = depth;
    }

    /// <summary>Where it was written; for a merged object where the last part was.</summary>
    public HoconOrigin Origin { get; }

    /// <summary>What an error message calls its kind.</summary>
    public abstract string KindName { get; }

    // Levels of objects and arrays at and beneath it, so that nobody recurses into more than the bound.
    internal int Depth { get; }

    /// <summary>Whether the other value is the same tree: kinds, texts and order of keys. Where they were written does not count.</summary>
    public bool IsSameAs(HoconValue? other) => (this, other) switch
    {
        (HoconScalar one, HoconScalar two) => one.Kind == two.Kind && one.Text == two.Text,
        (HoconArray one, HoconArray two) => one.Items.Count == two.Items.Count && one.Items.Zip(two.Items).All(pair => pair.First.IsSameAs(pair.Second)),
        (HoconObject one, HoconObject two) => one.Fields.Count == two.Fields.Count
            && one.Fields.Zip(two.Fields).All(pair => pair.First.Key == pair.Second.Key && pair.First.Value.IsSameAs(pair.Second.Value)),
        _ => false,
    };

    /// <summary>Writes the value as text that parses back to the same value.</summary>
    public string Render(HoconRenderOptions? options = null) => Rendering.Renderer.Render(this, options ?? HoconRenderOptions.Default);

    /// <summary>The value in short, for error messages.</summary>
    public abstract override string ToString();
}
