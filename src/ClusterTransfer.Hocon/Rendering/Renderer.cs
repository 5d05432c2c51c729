using System.Text;
using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Hocon.Rendering;

/// <summary>Writes values. Recursion is as deep as the value, which the parser has bounded.</summary>
internal sealed class Renderer
{
    // An array of simple values up to this many characters stays on one line.
    private const int MaxInlineArray = 100;

    private readonly StringBuilder _text = new();
    private readonly HoconRenderOptions _options;
    private readonly bool _comments;

    private Renderer(HoconRenderOptions options)
    {
        _options = options;
        _comments = options is { OriginComments: true, Formatted: true, Json: false };
    }

    public static string Render(HoconValue value, HoconRenderOptions options)
    {
        var renderer = new Renderer(options);
        if (value is HoconObject root && options is { Formatted: true, Json: false })
        {
            // People leave the braces of the root out.
            renderer.Fields(root, indent: 0);
        }
        else
        {
            renderer.Value(value, indent: 0);
            renderer._text.Append(options.Formatted ? "\n" : string.Empty);
        }

        return renderer._text.ToString();
    }

    private void Value(HoconValue value, int indent)
    {
        switch (value)
        {
            case HoconScalar { Kind: HoconScalarKind.Text } scalar:
                QuotedText.AppendValue(_text, scalar.Text, always: _options.Json);
                break;
            case HoconScalar scalar:
                _text.Append(scalar.Text);
                break;
            case HoconArray array:
                Array(array, indent);
                break;
            case HoconObject { Fields.Count: 0 }:
                _text.Append("{}");
                break;
            case HoconObject node:
                _text.Append('{').Append(_options.Formatted ? "\n" : string.Empty);
                Fields(node, indent + 1);
                Indent(indent);
                _text.Append('}');
                break;
        }
    }

    private void Fields(HoconObject node, int indent)
    {
        int left = node.Fields.Count;
        foreach ((string key, HoconValue value) in node.Fields)
        {
            Comment(value, indent);
            Indent(indent);
            QuotedText.AppendKey(_text, key, always: _options.Json);
            _text.Append((_options.Json, _options.Formatted, value) switch
            {
                (true, true, _) => ": ",
                (true, false, _) => ":",
                (false, true, HoconObject) => " ",
                (false, true, _) => " = ",
                (false, false, HoconObject) => string.Empty,
                (false, false, _) => "=",
            });
            Value(value, indent);
            EndItem(isLast: --left == 0);
        }
    }

    private void Array(HoconArray array, int indent)
    {
        if (!_options.Formatted || array.Items.Count == 0 || FitsOnOneLine(array))
        {
            _text.Append('[');
            for (int i = 0; i < array.Items.Count; i++)
            {
                _text.Append(i == 0 ? string.Empty : _options.Formatted ? ", " : ",");
                Value(array.Items[i], indent);
            }

            _text.Append(']');
            return;
        }

        _text.Append("[\n");
        for (int i = 0; i < array.Items.Count; i++)
        {
            Comment(array.Items[i], indent + 1);
            Indent(indent + 1);
            Value(array.Items[i], indent + 1);
            EndItem(isLast: i == array.Items.Count - 1);
        }

        Indent(indent);
        _text.Append(']');
    }

    private bool FitsOnOneLine(HoconArray array)
    {
        int length = 0;
        foreach (HoconValue item in array.Items)
        {
            length += item is HoconScalar scalar && !_comments ? scalar.Text.Length + 2 : MaxInlineArray + 1;
            if (length > MaxInlineArray)
            {
                return false;
            }
        }

        return true;
    }

    private void EndItem(bool isLast)
    {
        if (!isLast && (_options.Json || !_options.Formatted))
        {
            _text.Append(',');
        }

        _text.Append(_options.Formatted ? "\n" : string.Empty);
    }

    private void Comment(HoconValue value, int indent)
    {
        if (_comments)
        {
            Indent(indent);
            _text.Append("# ");
            QuotedText.AppendEscaped(_text, value.Origin.ToString());
            _text.Append('\n');
        }
    }

    private void Indent(int indent) => _text.Append(' ', _options.Formatted ? 2 * indent : 0);
}
