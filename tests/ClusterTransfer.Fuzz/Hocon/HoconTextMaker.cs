using System.Text;

namespace ClusterTransfer.Fuzz.Hocon;

/// <summary>Makes texts that are nearly always HOCON: few keys, so that they meet, substitute each other and form cycles.</summary>
public sealed class HoconTextMaker(Random random)
{
    private const int MaxNesting = 4;

    private static readonly string[] Keys = ["a", "b", "c", "d", "a.b", "b.c", "c.a", "a.b.c", "\"x.y\"", "0", "1", "2", "a.0", "\"\"", "d e", "\"include\"", "-", "1.5", "true", "é"];
    private static readonly string[] Paths = ["a", "b", "c", "d", "a.b", "b.c", "c.a", "a.b.c", "\"x.y\"", "0", "a.0", "a.1", "HOME", "none", "none.x", "\"\"", "d e", " b "];
    private static readonly string[] Words =
    [
        "x", "yes", "on", "off", "true", "false", "null", "0", "1", "-1", "1.50", "1e3", "-0", "007", "10s", "5 minutes", "64MiB", "1.5 GB", "3 months", "2y", "truex", "/srv/data",
        "\"\"", "\" \"", "\"q\"", "\"\\u0041\\n\"", "\"\\ud83d\"", "\"null\"", "\"1\"", "\"\"\"m\nl\"\"\"", "\"\"\"\"\"\"\"", "é", "😀", "(x)|<y>~%;'",
    ];

    private static readonly string[] Spaces = [" ", " ", " ", "", "  ", "\t", "\u00A0", "\uFEFF", "\u2003", "\u001C"];
    private static readonly string[] Ends = ["\n", "\n", "\n", ",", ", ", ",\n", "\n\n", "\r\n", " # why\n", "// why\n", "\n,\n"];

    private readonly StringBuilder _text = new();

    public string Make()
    {
        switch (random.Next(12))
        {
            case 0:
                Array(0);
                break;
            case 1:
                Object(0);
                break;
            default:
                Fields(0, random.Next(1, 9));
                break;
        }

        return _text.ToString();
    }

    private void Fields(int level, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Space();
            _text.Append(Pick(Keys));
            Space();
            switch (random.Next(8))
            {
                case 0 when level < MaxNesting:
                    Object(level + 1);
                    break;
                case 1:
                    _text.Append("+=");
                    Value(level);
                    break;
                default:
                    _text.Append(random.Next(3) == 0 ? ':' : '=');
                    Value(level);
                    break;
            }

            _text.Append(Pick(Ends));
        }
    }

    // Parts of one kind mostly, because others cannot be joined.
    private void Value(int level)
    {
        Space();
        int kind = random.Next(level < MaxNesting ? 10 : 6);
        for (int parts = random.Next(4) == 0 ? random.Next(2, 5) : 1; parts > 0; parts--)
        {
            switch (random.Next(30) == 0 && level < MaxNesting ? random.Next(10) : kind)
            {
                case < 4:
                    _text.Append(Pick(Words));
                    break;
                case < 6:
                    _text.Append(random.Next(8) == 0 ? "${" : "${?").Append(Pick(Paths)).Append('}');
                    break;
                case < 8:
                    Array(level + 1);
                    break;
                default:
                    Object(level + 1);
                    break;
            }

            Space();
        }
    }

    private void Object(int level)
    {
        _text.Append('{');
        Fields(level, random.Next(0, 4));
        _text.Append('}');
    }

    private void Array(int level)
    {
        _text.Append('[');
        for (int items = random.Next(0, 4); items > 0; items--)
        {
            Value(level);
            _text.Append(Pick(Ends));
        }

        _text.Append(']');
    }

    private void Space() => _text.Append(Pick(Spaces));

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];
}
