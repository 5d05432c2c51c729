using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>A limit that something waits for.</summary>
/// <param name="Scope">What it is the limit of.</param>
/// <param name="BytesPerSecond">How high it is.</param>
public sealed record HeldBack(LimitScope Scope, long BytesPerSecond);

/// <summary>What a limit is for.</summary>
[JsonConverter(typeof(EnumNameConverter<LimitScope>))]
public enum LimitScope
{
    /// <summary>One transfer.</summary>
    Transfer,
}
