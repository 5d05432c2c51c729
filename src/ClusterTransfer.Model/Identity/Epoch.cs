namespace ClusterTransfer.Model;

/// <summary>Fencing token of a session: the coordinator's epoch, then the session number it gave. Higher wins.</summary>
/// <remarks>Given only by the coordinator; source and destination persist the highest they have seen and refuse lower ones.
/// On the wire one u64: coordinator epoch in the upper half.</remarks>
public readonly record struct Epoch(uint Coordinator, uint Session) : IComparable<Epoch>
{
    /// <summary>Below every epoch that is ever given.</summary>
    public static readonly Epoch None;

    /// <summary>The wire form.</summary>
    public ulong ToUInt64() => ((ulong)Coordinator << 32) | Session;

    /// <summary>Reads the wire form.</summary>
    public static Epoch FromUInt64(ulong value) => new((uint)(value >> 32), (uint)value);

    /// <inheritdoc/>
    public int CompareTo(Epoch other) => ToUInt64().CompareTo(other.ToUInt64());

    /// <summary>Whether the left epoch was given before the right one.</summary>
    public static bool operator <(Epoch left, Epoch right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left epoch was given after the right one.</summary>
    public static bool operator >(Epoch left, Epoch right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left epoch is the right one or older.</summary>
    public static bool operator <=(Epoch left, Epoch right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left epoch is the right one or newer.</summary>
    public static bool operator >=(Epoch left, Epoch right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Coordinator}.{Session}";
}
