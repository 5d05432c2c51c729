using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Identifies one run of a node process, made at its start: a node that answers with another incarnation has restarted.</summary>
[JsonConverter(typeof(IdJsonConverter<Incarnation>))]
public readonly record struct Incarnation(Guid Value) : IParsable<Incarnation>
{
    /// <summary>Makes a new random incarnation.</summary>
    public static Incarnation New() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public static Incarnation Parse(string s, IFormatProvider? provider) => new(Guid.ParseExact(s, "N"));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Incarnation result)
    {
        bool valid = Guid.TryParseExact(s, "N", out Guid value);
        result = new Incarnation(value);
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("N");
}
