namespace ClusterTransfer.Hocon.Syntax;

/// <summary>Parses a text of any of the formats.</summary>
internal static class SourceParser
{
    public static RawValue Parse(string text, IncludeSource source, ParsePlace place, ParseContext context, HoconSyntax syntax)
    {
        if (text.Length > context.Options.MaxTextLength)
        {
            throw new HoconException($"The text is longer than {context.Options.MaxTextLength} characters.", new HoconOrigin(source.Name, 1, 1));
        }

        switch (syntax)
        {
            case HoconSyntax.Properties:
                return new PropertiesParser(text, source.Name, place, context.Options).Parse();
            case HoconSyntax.Json:
                // What JSON allows means the same in HOCON, so one parser builds the values and keeps their places.
                JsonCheck.Check(text, source.Name, context.Options);
                return SyntaxParser.Parse(text, source, place, context);
            default:
                return SyntaxParser.Parse(text, source, place, context);
        }
    }

    /// <summary>The same for a text that must be an object, which it is when it is merged into another one.</summary>
    public static RawObject ParseObject(string text, IncludeSource source, ParsePlace place, ParseContext context, HoconSyntax syntax) =>
        Parse(text, source, place, context, syntax) is var value && value is RawObject root
            ? root
            : throw new HoconException("The root must be an object, not an array.", value.Origin);
}
