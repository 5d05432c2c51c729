namespace ClusterTransfer.Fuzz.Hocon;

/// <summary>What reads HOCON, JSON and properties, resolves and converts.</summary>
internal static class HoconParts
{
    public static readonly ParserPart[] All =
    [
        new("ClusterTransfer.Hocon.HoconParser", "Parse", "ParseValue"),
        new("ClusterTransfer.Hocon.Syntax.JsonCheck"),
        new("ClusterTransfer.Hocon.Syntax.JsonNumber"),
        new("ClusterTransfer.Hocon.Syntax.PathExpression"),
        new("ClusterTransfer.Hocon.Syntax.PropertiesParser"),
        new("ClusterTransfer.Hocon.Syntax.QuotedText"),
        new("ClusterTransfer.Hocon.Syntax.SyntaxParser"),
        new("ClusterTransfer.Hocon.Syntax.Tokenizer"),
        new("ClusterTransfer.Hocon.Syntax.Whitespace"),
        new("ClusterTransfer.Hocon.Resolving.Concatenation"),
        new("ClusterTransfer.Hocon.Resolving.Resolver"),
        new("ClusterTransfer.Hocon.HoconConvert"),
    ];
}
