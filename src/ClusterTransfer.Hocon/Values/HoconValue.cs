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

    /// <summary>The value in short, for error messages.</summary>
    public abstract override string ToString();
}
