using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>A limit that something waits for.</summary>
/// <param name="Scope">What it is the limit of.</param>
/// <param name="BytesPerSecond">How high it is.</param>
public sealed record HeldBack(LimitScope Scope, long BytesPerSecond)
{
    /// <summary>What of it is there for this one, in bytes per second, now; null where all of it is.</summary>
    public long? Share { get; init; }

    /// <summary>How many other transfers send under the same limit now.</summary>
    public int SharedWith { get; init; }
}

/// <summary>What a limit is for.</summary>
[JsonConverter(typeof(EnumNameConverter<LimitScope>))]
public enum LimitScope
{
    /// <summary>One transfer.</summary>
    Transfer,

    /// <summary>All that the source's node sends to the destination's.</summary>
    Peer,

    /// <summary>All that the source's node sends.</summary>
    Node,
}
