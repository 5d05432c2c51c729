using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Identifies one command, so that a repeated delivery is answered with the stored result instead of acting twice.</summary>
[JsonConverter(typeof(IdJsonConverter<CommandId>))]
public readonly record struct CommandId(Guid Value) : IParsable<CommandId>
{
    /// <summary>Makes a new random id.</summary>
    public static CommandId New() => new(Guid.NewGuid());

    /// <inheritdoc/>
    public static CommandId Parse(string s, IFormatProvider? provider) => new(Guid.ParseExact(s, "N"));

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out CommandId result)
    {
        bool valid = Guid.TryParseExact(s, "N", out Guid value);
        result = new CommandId(value);
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("N");
}
