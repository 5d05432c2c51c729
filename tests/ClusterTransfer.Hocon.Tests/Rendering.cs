using System.Text;

namespace ClusterTransfer.Hocon.Tests;

/// <summary>Writes a tree in a compact JSON-like form, so that a test can say what it expects in one line.</summary>
internal static class Rendering
{
    public static string Render(string text, Func<string, string?>? environment = null) =>
        Render(HoconParser.Parse(text, "test", new HoconParserOptions { Environment = environment ?? (_ => null) }).Value);

    public static string Render(HoconValue value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, HoconValue value)
    {
        switch (value)
        {
            case HoconObject node:
                text.Append('{').AppendJoin(',', node.Fields.Select(field => $"{field.Key}:{Render(field.Value)}")).Append('}');
                break;
            case HoconArray array:
                text.Append('[').AppendJoin(',', array.Items.Select(Render)).Append(']');
                break;
            case HoconScalar scalar:
                text.Append(scalar.Kind == HoconScalarKind.Text ? $"'{scalar.Text}'" : scalar.Text);
                break;
        }
    }
}
