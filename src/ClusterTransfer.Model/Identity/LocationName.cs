using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Name of a location, unique in the cluster: 2 to 63 of a-z, 0-9 and '-', not starting or ending with '-'.</summary>
[JsonConverter(typeof(IdJsonConverter<LocationName>))]
public readonly record struct LocationName : IParsable<LocationName>
{
    private readonly string? _value;

    /// <summary>Makes an id from its text form.</summary>
    /// <exception cref="FormatException">The text is not a valid location name.</exception>
    public LocationName(string value) =>
        _value = NameRules.IsName(value, 2) ? value : throw new FormatException(
            $"'{value}' is not a location name: want 2 to 63 of a-z, 0-9 and '-', not starting or ending with '-'.");

    /// <summary>The text form; empty for the default value.</summary>
    public string Value => _value ?? string.Empty;

    /// <inheritdoc/>
    public static LocationName Parse(string s, IFormatProvider? provider) => new(s);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out LocationName result)
    {
        bool valid = s is not null && NameRules.IsName(s, 2);
        result = valid ? new LocationName(s!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
