namespace ClusterTransfer.Hocon;

/// <summary>How a value is written. Every form parses back to the same value.</summary>
public sealed record HoconRenderOptions
{
    /// <summary>HOCON for people: one field a line, indented, as few quotes as can be.</summary>
    public static readonly HoconRenderOptions Default = new();

    /// <summary>JSON on one line.</summary>
    public static readonly HoconRenderOptions Concise = new() { Json = true, Formatted = false };

    /// <summary>Whether fields have lines of their own. Default true.</summary>
    public bool Formatted { get; init; } = true;

    /// <summary>Whether a comment above each value says where it was written; only when formatted and not JSON. Default false.</summary>
    public bool OriginComments { get; init; }

    /// <summary>Whether the text is JSON: every key and string quoted, braces around the root. Default false.</summary>
    public bool Json { get; init; }
}
