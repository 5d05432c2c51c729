using System.Diagnostics;
using System.Text;

namespace ClusterTransfer.Hocon.Tests;

/// <summary>Random and damaged texts: a tree or a <see cref="HoconException"/> with a place inside the text, nothing else, and soon.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Pieces =
    [
        "a", "b", "a.b", "c.a", "=", ":", "+=", "{", "}", "[", "]", ",", "\n", " ", "\t", "\r\n", "\"", "\"\"\"", "\"x\"", "\\", "\\u00", "${", "${a}", "${?b}",
        "${a.b}", "${?c.a}", "}", "$", "?", "#", "//", "include ", "include \"x\"", "file(", ")", "required(", "1", "-1.5e9", "10s", "64MiB", "true", "null",
        "\0", "\u2028", "\uFEFF", "\uD800", "é", "😀", "a = ${a}x\n", "a { b = 1 }\n", "b = ${a}\n", "a = [1]\n", "a += 2\n", "c = ${a} ${b}\n", "b { a = ${c} }\n",
    ];

    [Theory]
    [InlineData(1, 4_000)]
    [InlineData(2, 4_000)]
    [InlineData(3, 4_000)]
    public void RandomPieces_NeverThrowAnythingElse(int seed, int rounds)
    {
        var random = new Random(seed);
        int parsed = 0;
        for (int round = 0; round < rounds; round++)
        {
            var text = new StringBuilder();
            for (int i = random.Next(1, 60); i > 0; i--)
            {
                text.Append(Pieces[random.Next(Pieces.Length)]);
            }

            parsed += Try(text.ToString(), $"seed {seed} round {round}") ? 1 : 0;
        }

        // Not vacuous: some of them are valid.
        Assert.True(parsed > 10, $"Only {parsed} texts were valid.");
    }

    [Theory]
    [InlineData(11, 3_000)]
    [InlineData(12, 3_000)]
    public void DamagedText_NeverThrowsAnythingElse(int seed, int rounds)
    {
        const string Valid = """"
            # A file like any other.
            base { folder = "/srv/data", list = [1, 2, 3] [4], nested.key = ${?HOME} }
            node = ${base} { name = alpha, folder = ${base.folder}"/sub" }
            node.list += 5
            text = """several
            lines"""
            time { out = 10s, size = 64 MiB, on = yes }
            copy = ${node.list} ${base.list}
            time = ${time} { more = ${time.out} }
            """";
        var random = new Random(seed);
        Assert.True(Try(Valid, "undamaged"));
        int parsed = 0;
        for (int round = 0; round < rounds; round++)
        {
            var text = new StringBuilder(Valid);
            for (int i = random.Next(1, 6); i > 0 && text.Length > 0; i--)
            {
                int at = random.Next(text.Length);
                switch (random.Next(4))
                {
                    case 0:
                        text.Remove(at, Math.Min(random.Next(1, 10), text.Length - at));
                        break;
                    case 1:
                        text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                        break;
                    case 2:
                        text[at] = (char)random.Next(0x20, 0x7f);
                        break;
                    default:
                        text.Insert(random.Next(text.Length), text.ToString(at, Math.Min(random.Next(1, 40), text.Length - at)));
                        break;
                }
            }

            parsed += Try(text.ToString(), $"seed {seed} round {round}") ? 1 : 0;
        }

        Assert.True(parsed > 10, $"Only {parsed} texts were valid.");
    }

    [Fact]
    public void RandomCharacters_NeverThrowAnythingElse()
    {
        var random = new Random(21);
        for (int round = 0; round < 3_000; round++)
        {
            char[] text = new char[random.Next(0, 80)];
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = random.Next(4) == 0 ? (char)random.Next(char.MaxValue) : (char)random.Next(0x7f);
            }

            Try(new string(text), $"round {round}");
        }
    }

    // True when the text is valid.
    private static bool Try(string text, string what)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            Rendering.Render(HoconParser.Parse(text, "fuzz", new HoconParserOptions { MaxResolveSteps = 100_000 }).Value);
            return true;
        }
        catch (HoconException error)
        {
            int lines = text.Count(c => c == '\n') + 1;
            Assert.True(error.Origin.Line >= 1 && error.Origin.Line <= lines && error.Origin.Column >= 1, $"{what}: {error.Origin} is outside the text:\n{text}");
            return false;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{what}: {error.GetType().Name} for:\n{text}", error);
        }
        finally
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{what} took {clock.Elapsed}:\n{text}");
        }
    }
}
