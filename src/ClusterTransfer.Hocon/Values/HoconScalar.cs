using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Hocon;

/// <summary>What a simple value was written as. Accessors convert between kinds where the specification allows it.</summary>
public enum HoconScalarKind
{
    /// <summary><c>null</c>.</summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A number as in JSON.</summary>
    Number,

    /// <summary>A string: anything else, and everything quoted.</summary>
    Text,
}

/// <summary>A string, number, boolean or null.</summary>
public sealed class HoconScalar : HoconValue
{
    /// <summary>Makes a scalar as if it had been written.</summary>
    /// <param name="text">Its text; a quoted one is always a string.</param>
    /// <param name="isQuoted">Whether it stood in quotes or was concatenated.</param>
    /// <param name="origin">Where.</param>
    public HoconScalar(string text, bool isQuoted, HoconOrigin origin)
        : base(origin, depth: 0)
    {
        Text = text;
        Kind = isQuoted ? HoconScalarKind.Text : KindOf(text);
    }

    /// <summary>The text as written, escapes undone.</summary>
    public string Text { get; }

    /// <summary>What it was written as.</summary>
    public HoconScalarKind Kind { get; }

    /// <summary>Whether it is <c>null</c>.</summary>
    public bool IsNull => Kind == HoconScalarKind.Null;

    /// <inheritdoc/>
    public override string KindName => Kind switch
    {
        HoconScalarKind.Null => "null",
        HoconScalarKind.Boolean => "a boolean",
        HoconScalarKind.Number => "a number",
        _ => "a string",
    };

    /// <inheritdoc/>
    public override string ToString() => Kind == HoconScalarKind.Text
        ? $"\"{(Text.Length > 100 ? Text[..100] + "..." : Text)}\""
        : Text;

    private static HoconScalarKind KindOf(string text) => text switch
    {
        "null" => HoconScalarKind.Null,
        "true" or "false" => HoconScalarKind.Boolean,
        _ => JsonNumber.IsNumber(text) ? HoconScalarKind.Number : HoconScalarKind.Text,
    };
}
