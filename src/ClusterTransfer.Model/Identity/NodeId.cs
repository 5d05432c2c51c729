using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Name of a node, as in its certificate: 1 to 63 of a-z, 0-9 and '-', not starting or ending with '-'.</summary>
[JsonConverter(typeof(IdJsonConverter<NodeId>))]
public readonly record struct NodeId : IParsable<NodeId>
{
    private readonly string? _value;

    /// <summary>Makes an id from its text form.</summary>
    /// <exception cref="FormatException">The text is not a valid node name.</exception>
    public NodeId(string value) =>
        _value = NameRules.IsName(value, 1) ? value : throw new FormatException(
            $"'{value}' is not a node name: want 1 to 63 of a-z, 0-9 and '-', not starting or ending with '-'.");

    /// <summary>The text form; empty for the default value.</summary>
    public string Value => _value ?? string.Empty;

    /// <inheritdoc/>
    public static NodeId Parse(string s, IFormatProvider? provider) => new(s);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out NodeId result)
    {
        bool valid = s is not null && NameRules.IsName(s, 1);
        result = valid ? new NodeId(s!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
