using System.Diagnostics;
using System.Text;

namespace ClusterTransfer.Hocon.Tests;

/// <summary>Texts made to exhaust the parser are refused soon.</summary>
public sealed class BoundsTests
{
    [Theory]
    [InlineData("[")]
    [InlineData("{a=")]
    [InlineData("[{a=")]
    [InlineData("${")]
    public void Nesting_WithoutEnd_IsRefused(string piece) =>
        Assert.Throws<HoconException>(() => HoconParser.Parse("a = " + Repeat(piece, 100_000), "test"));

    [Fact]
    public void Nesting_AtTheLimit_IsFine()
    {
        HoconParser.Parse("a = " + Repeat("[", 63) + Repeat("]", 63), "test");
        HoconParser.Parse(string.Join('.', Enumerable.Repeat("a", 64)) + " = 1", "test");
    }

    [Theory]
    [InlineData("a = [[", "]]")]
    [InlineData("a.b.c = [", "]")]
    public void Nesting_BeyondTheLimit_IsRefused(string open, string close) =>
        Assert.Throws<HoconException>(() => HoconParser.Parse(open + Repeat("[", 62) + Repeat("]", 62) + close, "test"));

    [Fact]
    public void PathKey_TooDeep_IsRefused() =>
        Assert.Throws<HoconException>(() => HoconParser.Parse(string.Join('.', Enumerable.Repeat("a", 65)) + " = 1", "test"));

    [Fact]
    public void Substitution_ThatDeepens_IsRefused()
    {
        // Each key nests the one before ten levels deeper, so the text is flat and its value is not.
        var text = new StringBuilder("a0 = 1\n");
        for (int i = 1; i < 20; i++)
        {
            text.Append($"a{i} = {Repeat("[", 10)}${{a{i - 1}}}{Repeat("]", 10)}\n");
        }

        Assert.Throws<HoconException>(() => HoconParser.Parse(text.ToString(), "test"));
    }

    [Theory]
    [InlineData("a{0} = ${{a{1}}}${{a{1}}}\n")]
    [InlineData("a{0} = ${{a{1}}} x ${{a{1}}}\n")]
    [InlineData("a{0} = [${{a{1}}},${{a{1}}}]\n")]
    [InlineData("a{0} = {{ x = ${{a{1}}}, y = ${{a{1}}} }}\n")]
    public void Substitution_ThatDoubles_IsRefusedOrSharedSoon(string line)
    {
        var clock = Stopwatch.StartNew();
        var text = new StringBuilder("a0 = 0123456789\n");
        for (int i = 1; i < 45; i++)
        {
            text.Append(string.Format(System.Globalization.CultureInfo.InvariantCulture, line, i, i - 1));
        }

        _ = Record.Exception(() => HoconParser.Parse(text.ToString(), "test")) is null or HoconException
            ? 0
            : throw new InvalidOperationException("Only HoconException may come out.");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "It took exponential time.");
    }

    [Fact]
    public void Substitution_ThatDoublesArrays_IsRefused()
    {
        var text = new StringBuilder("a0 = [1,2,3,4]\n");
        for (int i = 1; i < 45; i++)
        {
            text.Append($"a{i} = ${{a{i - 1}}} ${{a{i - 1}}}\n");
        }

        HoconException error = Assert.Throws<HoconException>(() => HoconParser.Parse(text.ToString(), "test"));
        Assert.Contains("multiply", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Substitution_LongChain_IsRefusedBeforeTheStackEnds()
    {
        var text = new StringBuilder();
        for (int i = 0; i < 5_000; i++)
        {
            text.Append($"a{i} = ${{a{i + 1}}}\n");
        }

        Assert.Contains("deep", Assert.Throws<HoconException>(() => HoconParser.Parse(text + "a5000 = 1", "test")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Substitution_TooMany_IsRefused()
    {
        string text = "a = 1\n" + string.Concat(Enumerable.Range(0, 11_000).Select(i => $"b{i} = ${{a}}\n"));
        Assert.Contains("More than 10000 substitutions", Assert.Throws<HoconException>(() => HoconParser.Parse(text, "test")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("include ", "a ", "")]
    [InlineData("a = ", "x ", "")]
    [InlineData("a = ", "{} ", "")]
    [InlineData("a = [", "${?b} ", "]")]
    [InlineData("", "a.", "a = 1")]
    [InlineData("", "a { b { c = 1 } }\n", "")]
    [InlineData("", "a += 1\n", "b = ${a}")]
    [InlineData("", "a = ${?x} {}\n", "b = ${a.y}")]
    [InlineData("a = ${", "b ", "}")]
    [InlineData("a = \"", "\\n", "\"")]
    [InlineData("a = \"\"\"", "\"\n", "\"\"\"")]
    public void LongText_OfOneKind_TakesLinearTime(string start, string piece, string end)
    {
        var clock = Stopwatch.StartNew();
        Exception? error = Record.Exception(() => HoconParser.Parse(start + Repeat(piece, 1_000_000 / piece.Length) + end, "test"));
        Assert.True(error is null or HoconException, $"{error}");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"It took {clock.Elapsed}.");
    }

    [Theory]
    [InlineData("a{0} = [[[[[[[[[[${{a{1}}}]]]]]]]]]]\n")]
    [InlineData("a{0} {{ b {{ c {{ d {{ e = ${{a{1}}} x }} }} }} }}\n")]
    [InlineData("a{0} {{ b {{ c {{ d += ${{a{1}}} }} }} }}\n")]
    [InlineData("a{0} = {{ b = ${{a{1}.b.c}} }} ${{a{1}}}\n")]
    public void DeepestText_FitsIntoASmallStack(string line)
    {
        string text = string.Concat(Enumerable.Range(0, 200).Select(i => string.Format(System.Globalization.CultureInfo.InvariantCulture, line, i, i + 1)));
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(() => HoconParser.Parse(text, "test")), maxStackSize: 512 * 1024);
        thread.Start();
        thread.Join();
        Assert.IsType<HoconException>(error);
    }

    [Fact]
    public void Text_TooLong_IsRefused() =>
        Assert.Throws<HoconException>(() => HoconParser.Parse(new string(' ', 1024 * 1024 + 1), "test"));

    [Fact]
    public void LongFlatText_IsParsed()
    {
        HoconObject root = HoconParser.Parse(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"k{i}=v\n")), "test").Value;
        Assert.Equal(50_000, root.Fields.Count);
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
