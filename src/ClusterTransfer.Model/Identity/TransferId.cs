using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>Identifies a transfer for ever: 16 characters of 0-9 and a-z without i, l, o, u (80 random bits).</summary>
/// <remarks>Short enough to type; any unique prefix of 4 or more characters is accepted where a user names a transfer.</remarks>
[JsonConverter(typeof(IdJsonConverter<TransferId>))]
public readonly record struct TransferId : IParsable<TransferId>
{
    /// <summary>Length of the text form in characters, and of the wire form in ASCII bytes.</summary>
    public const int Length = 16;

    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    private readonly string? _value;

    /// <summary>Makes an id from its text form.</summary>
    /// <exception cref="FormatException">The text is not a transfer id.</exception>
    public TransferId(string value) =>
        _value = IsValid(value) ? value : throw new FormatException(
            $"'{value}' is not a transfer id: want {Length} characters of {Alphabet}.");

    /// <summary>The text form; empty for the default value.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Makes a new random id. Ids are made by us, never taken from a peer.</summary>
    public static TransferId New() => new(RandomNumberGenerator.GetString(Alphabet, Length));

    /// <inheritdoc/>
    public static TransferId Parse(string s, IFormatProvider? provider) => new(s);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TransferId result)
    {
        bool valid = s is not null && IsValid(s);
        result = valid ? new TransferId(s!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static bool IsValid(string value)
    {
        if (value.Length != Length)
        {
            return false;
        }

        foreach (char c in value)
        {
            if (!Alphabet.Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
