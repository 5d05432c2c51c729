using System.Text;
using System.Text.Json;
using ClusterTransfer.Cli.Output;

namespace ClusterTransfer.Cli.Tests;

/// <summary>YAML that is the same document as the JSON: read back by <see cref="YamlReader"/>, which knows nothing of the writer.</summary>
public sealed class YamlTextTests
{
    private const string Alphabet = "ab zZ09_-./:#,~!&*?|>%@`'\"\\[]{}=<+\t\n\r\0\u0007\u001b\u0085\u00a0\u00e9\u2028\u202e\ufeff\u6587\ue000eEnNyY";

    public static TheoryData<string> Tricky { get; } =
    [
        "no", "No", "NO", "yes", "y", "n", "on", "off", "true", "True", "null", "Null", "~", "", " ", "  leading", "trailing ", "nan", ".nan", "inf", "-.inf", "1", "1e3", "1E3",
        "0x1f", "0o17", "017", "1_000", "+1", "-1", ".5", "5.", "1:30", "190:20:30", "2026-03-14", "2026-03-14T09:26:53Z", "=", "<<", "-", "- a", "--", "---", "...", "? a", ":",
        ": ", "a: b", "a:", "a:b", ":a", "#", "# c", "a # c", "a#c", "a,b", "[a]", "[", "{a: b}", "{", "}", "&a", "*a", "!a", "!!str", "|", ">", "'a'", "\"a\"", "'", "\"", "%a", "@a", "`a",
        "\\", "\\n", "a\\", "\n", "a\nb", "a\n", "\na", "a\r\nb", "a\tb", "\ta", "\0", "\u0007", "\u001b[2J", "\u007f", "\u0085", "\u009b", "\u00a0", "\u2028", "\u2029", "\u202e", "\ufeff", "\ue000",
        "\u00e9", "e\u0301", "\u6587\u4ef6", "\ud83d\ude00", "\udb40\udc01", "\ufffd", "k3m9x2p7q4w8r5tz", "7e12345678901234", "src:sdk", "null value", "a/b.c-d_e", "None", "Infinity",
    ];

    [Theory]
    [MemberData(nameof(Tricky))]
    public void Text_WhateverItIs_ReadsBackAsTheSameText(string text)
    {
        using JsonDocument document = JsonDocument.Parse(JsonSerializer.Serialize(new Dictionary<string, object> { ["value"] = text, ["list"] = new[] { text, text }, [text + "x"] = new Dictionary<string, string> { [text] = text } }));

        string yaml = YamlText.Of(document.RootElement);

        AssertSame(document.RootElement, yaml);
        Assert.DoesNotContain(yaml, c => char.IsControl(c) && c != '\n');
        Assert.DoesNotContain('\u202e', yaml);
    }

    [Theory]
    [InlineData("{}", "{}\n")]
    [InlineData("[]", "[]\n")]
    [InlineData("null", "null\n")]
    [InlineData("1", "1\n")]
    [InlineData("{\"a\":[],\"b\":{},\"c\":[[]],\"d\":[{}]}", "a: []\nb: {}\nc:\n  - []\nd:\n  - {}\n")]
    [InlineData("{\"a\":[1,[2,[3]],{\"b\":{\"c\":true},\"d\":null}]}", "a:\n  - 1\n  - - 2\n    - - 3\n  - b:\n      c: true\n    d: null\n")]
    [InlineData("{\"a\":1E5,\"b\":1.5e-7,\"c\":-0.0,\"d\":123456789012345678901234567890}", "a: 1.0e+5\nb: 1.5e-7\nc: -0.0\nd: 123456789012345678901234567890\n")]
    [InlineData("{\"no\":\"no\",\"1\":\"1\"}", "\"no\": \"no\"\n\"1\": \"1\"\n")]
    public void Document_IsWrittenInBlocks(string json, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(json);

        string yaml = YamlText.Of(document.RootElement);

        Assert.Equal(expected, yaml);
        AssertSame(document.RootElement, yaml);
    }

    [Fact]
    public void Document_OfAnyShape_ReadsBackAsTheSameDocument()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            using JsonDocument document = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(AnyValue(random, depth: 4)));
            try
            {
                AssertSame(document.RootElement, YamlText.Of(document.RootElement));
            }
            catch (Exception error)
            {
                Assert.Fail($"Seed {seed}: {error.Message}\n{document.RootElement}\n---\n{YamlText.Of(document.RootElement)}");
            }
        }
    }

    private static void AssertSame(JsonElement expected, string yaml)
    {
        using JsonDocument read = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(YamlReader.Read(yaml)));
        Assert.True(JsonElement.DeepEquals(expected, read.RootElement), yaml);
    }

    private static object? AnyValue(Random random, int depth) => random.Next(depth > 0 ? 9 : 6) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.NextInt64(long.MinValue, long.MaxValue),
        3 => random.NextDouble() * Math.Pow(10, random.Next(-20, 20)),
        4 => Tricky.ElementAt(random.Next(Tricky.Count)).Data,
        5 => AnyText(random),
        6 => Enumerable.Range(0, random.Next(4)).Select(_ => AnyValue(random, depth - 1)).ToArray(),
        _ => Enumerable.Range(0, random.Next(4)).Select(_ => AnyText(random)).Distinct().ToDictionary(key => key, _ => AnyValue(random, depth - 1)),
    };

    private static string AnyText(Random random)
    {
        var text = new StringBuilder();
        for (int length = random.Next(12); length > 0; length--)
        {
            text.Append(Alphabet[random.Next(Alphabet.Length)]);
        }

        return text.ToString();
    }
}
