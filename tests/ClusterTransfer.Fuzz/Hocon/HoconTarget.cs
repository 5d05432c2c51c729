using System.Text;
using System.Text.Json;
using ClusterTransfer.Hocon;
using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Fuzz.Hocon;

/// <summary>Texts for <see cref="HoconParser"/>: a tree or a <see cref="HoconException"/> with a place inside the text, nothing else; and what was parsed renders to the same again.</summary>
public sealed class HoconTarget : IFuzzTarget
{
    private static readonly HoconParserOptions Options = new()
    {
        MaxResolveSteps = 100_000, Environment = name => name switch { "HOME" => "/home/x", "EMPTY" => string.Empty, _ => null },
    };

    // Rendered text has no substitutions; its only surroundings are the bounds.
    private static readonly HoconParserOptions Again = new();

    public string Name => "hocon";

    public IReadOnlyList<ParserPart> Parser { get; } = [.. HoconParts.All];

    public FuzzCase Make(long index, Random random)
    {
        if (index < HoconCorpus.Conf.Length)
        {
            string seed = HoconCorpus.Conf[(int)index];
            return new FuzzCase("seed", () => seed, () => Try(seed, HoconSyntax.Conf, (int)index));
        }

        int special = random.Next(24);
        if (special == 0)
        {
            string value = $"v = {HoconCorpus.Number(random)}";
            int conversion = random.Next();
            return new FuzzCase("value", () => $"(choice {conversion})\n{value}", () => Try(value, HoconSyntax.Conf, conversion));
        }

        if (special == 1)
        {
            string path = Damage(random, Pick(random, HoconCorpus.AccessorPaths));
            return new FuzzCase("path of an accessor", () => path, () => TryPath(path));
        }

        HoconSyntax syntax = random.Next(20) switch { 0 => HoconSyntax.Json, 1 => HoconSyntax.Properties, _ => HoconSyntax.Conf };
        (string kind, string text) = syntax switch
        {
            HoconSyntax.Json => ("json, damaged", Damage(random, Pick(random, HoconCorpus.Json))),
            HoconSyntax.Properties => ("properties, damaged", Damage(random, Pick(random, HoconCorpus.Properties))),
            _ => random.Next(10) switch
            {
                < 5 => ("made", new HoconTextMaker(random).Make()),
                < 7 => ("made, damaged", Damage(random, new HoconTextMaker(random).Make())),
                < 9 => ("seed, damaged", Damage(random, Pick(random, HoconCorpus.Conf))),
                _ => ("noise", Noise(random)),
            },
        };
        int choice = random.Next();
        if (choice % 16 == 0)
        {
            string two = new HoconTextMaker(random).Make(), three = new HoconTextMaker(random).Make();
            return new FuzzCase("fallbacks", () => $"{text}\n---\n{two}\n---\n{three}", () => TryFallbacks(text, two, three));
        }

        return new FuzzCase(kind, () => $"({syntax}, choice {choice})\n{text}", () => Try(text, syntax, choice));
    }

    private static bool Try(string text, HoconSyntax syntax, int choice)
    {
        HoconValue value;
        try
        {
            value = HoconParser.ParseValue(text, "fuzz", syntax == HoconSyntax.Conf ? Options : Options with { Syntax = syntax });
        }
        catch (HoconException error)
        {
            CheckOrigin(error, text);
            return false;
        }

        CheckRendering(value, choice);
        Convert(Descend(value, choice), choice);
        return true;
    }

    // What an accessor is asked for is split into its elements, and each of them, quoted, is one path again.
    private static bool TryPath(string path)
    {
        IReadOnlyList<string> elements;
        try
        {
            elements = PathExpression.Parse(path);
        }
        catch (HoconException error)
        {
            CheckOrigin(error, path);
            return false;
        }

        if (elements.Count == 0)
        {
            throw new FuzzException($"The path {path} has no elements.");
        }

        if (elements.All(IsWhole))
        {
            string again = string.Join('.', elements.Select(element => $"\"{JsonEncodedText.Encode(element)}\""));
            if (!PathExpression.Parse(again).SequenceEqual(elements))
            {
                throw new FuzzException($"The path {again} is not the path {path}.");
            }
        }

        return true;
    }

    // Half a surrogate has no JSON form.
    private static bool IsWhole(string text) => !text.EnumerateRunes().Contains(Rune.ReplacementChar);

    // However three trees are laid over each other, pair by pair, the result is the same.
    private static bool TryFallbacks(params string[] texts)
    {
        HoconObject[] trees;
        try
        {
            trees = [.. texts.Select(text => HoconParser.Parse(text, "fuzz", Options).Value)];
        }
        catch (HoconException)
        {
            return false;
        }

        if (!trees[0].WithFallback(trees[1]).WithFallback(trees[2]).IsSameAs(trees[0].WithFallback(trees[1].WithFallback(trees[2]))))
        {
            throw new FuzzException("The order in which fallbacks are joined matters.");
        }

        return true;
    }

    private static void CheckOrigin(HoconException error, string text)
    {
        int lines = text.AsSpan().Count('\n') + text.AsSpan().Count('\r') + 1;
        if (error.Origin.Line < 1 || error.Origin.Line > lines || error.Origin.Column < 1)
        {
            throw new FuzzException($"{error.Origin} is outside the text.");
        }
    }

    private static void CheckRendering(HoconValue value, int choice)
    {
        HoconRenderOptions form = (choice % 4) switch
        {
            0 => HoconRenderOptions.Concise,
            1 => HoconRenderOptions.Default,
            2 => HoconRenderOptions.Default with { OriginComments = true },
            _ => HoconRenderOptions.Default with { Formatted = false },
        };
        string text = value.Render(form);
        HoconValue again = HoconParser.ParseValue(text, "rendered", form.Json ? Again with { Syntax = HoconSyntax.Json } : Again);
        if (!again.IsSameAs(value))
        {
            throw new FuzzException($"Rendered ({form}), it reads back as another value:\n{text}");
        }
    }

    private static HoconValue Descend(HoconValue value, int choice)
    {
        while (true)
        {
            switch (value)
            {
                case HoconObject { Fields.Count: > 0 } node:
                    value = node.Fields.ElementAt(choice % node.Fields.Count).Value;
                    break;
                case HoconArray { Items.Count: > 0 } array:
                    value = array.Items[choice % array.Items.Count];
                    break;
                default:
                    return value;
            }
        }
    }

    // A conversion gives a result or a HoconException, and never a negative size.
    private static void Convert(HoconValue value, int choice)
    {
        try
        {
            _ = (choice % 9) switch
            {
                0 => HoconConvert.ToText(value, "k").Length,
                1 => HoconConvert.ToLong(value, "k"),
                2 => HoconConvert.ToDouble(value, "k"),
                3 => HoconConvert.ToBoolean(value, "k") ? 1 : 0,
                4 => HoconConvert.ToDuration(value, "k").Ticks,
                5 => HoconConvert.ToPeriod(value, "k").Days,
                6 => HoconConvert.ToTextList(value, "k").Count,
                7 => HoconConvert.ToInt(value, "k"),
                _ => HoconConvert.ToSize(value, "k") is >= 0 and long size ? size : throw new FuzzException($"The size of {value} is negative."),
            };
        }
        catch (HoconException)
        {
            // The value is of another kind, as many are.
        }
    }

    private static string Damage(Random random, string text)
    {
        var damaged = new StringBuilder(text);
        for (int i = random.Next(1, 6); i > 0 && damaged.Length > 0; i--)
        {
            int at = random.Next(damaged.Length);
            switch (random.Next(5))
            {
                case 0:
                    damaged.Remove(at, Math.Min(random.Next(1, 10), damaged.Length - at));
                    break;
                case 1 or 2:
                    damaged.Insert(at, Pick(random, HoconCorpus.Pieces));
                    break;
                case 3:
                    damaged[at] = (char)random.Next(0x20, 0x7f);
                    break;
                default:
                    damaged.Insert(random.Next(damaged.Length), damaged.ToString(at, Math.Min(random.Next(1, 40), damaged.Length - at)));
                    break;
            }
        }

        return damaged.ToString();
    }

    private static string Noise(Random random)
    {
        var text = new StringBuilder();
        for (int i = random.Next(0, 40); i > 0; i--)
        {
            _ = random.Next(8) == 0 ? text.Append((char)random.Next(char.MaxValue)) : text.Append(Pick(random, HoconCorpus.Pieces));
        }

        return text.ToString();
    }

    private static string Pick(Random random, string[] choices) => choices[random.Next(choices.Length)];
}
