namespace ClusterTransfer.Hocon.Tests;

/// <summary>Every error names the place where a person has to look.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("a = 1\n[", 2, 1, "want a key")]
    [InlineData("[1]", 1, 1, "must be an object")]
    [InlineData("a", 1, 2, "'a'")]
    [InlineData("a = ", 1, 5, "want a value")]
    [InlineData("a = }", 1, 5, "want a value")]
    [InlineData("a = 1 }", 1, 7, "want a comma or a new line")]
    [InlineData("{a = 1} b", 1, 9, "want the end of the text")]
    [InlineData("a {\n b = 1", 1, 3, "never closed")]
    [InlineData("{a = 1", 1, 1, "never closed")]
    [InlineData("a = [1, {b = 2}", 1, 5, "never closed")]
    [InlineData("a = [1}", 1, 7, "want a comma or a new line between two items")]
    [InlineData("a = \"x\ny\"", 1, 5, "no closing")]
    [InlineData("a = \"x", 1, 5, "no closing")]
    [InlineData("a = \"\"\"x\"\"", 1, 5, "no closing")]
    [InlineData("a = \"\"\"\n\n\"\"\"\nb = \"\\q\"", 4, 6, "Unknown escape")]
    [InlineData("a = \"\\u12G4\"", 1, 6, "Unknown escape")]
    [InlineData("a = \"\\u12", 1, 6, "Unknown escape")]
    [InlineData("a = \"\\", 1, 6, "Unknown escape")]
    [InlineData("a = \"x\u0001\"", 1, 7, "U+0001")]
    [InlineData("a = b & c", 1, 7, "'&'")]
    [InlineData("a = 1+2", 1, 6, "'+'")]
    [InlineData("a = $b", 1, 5, "'$'")]
    [InlineData("a = ${b", 1, 8, "want '}'")]
    [InlineData("a = ${}", 1, 5, "key is empty")]
    [InlineData("a = ${b:c}", 1, 8, "want '}'")]
    [InlineData("a..b = 1", 1, 1, "empty element")]
    [InlineData(".a = 1", 1, 1, "empty element")]
    [InlineData("a. = 1", 1, 1, "empty element")]
    [InlineData("= 1", 1, 1, "want a key")]
    [InlineData("${a} = 1", 1, 1, "want a key")]
    [InlineData("a = 1 b = 2", 1, 9, "comma or a new line")]
    [InlineData("a = 1\n\n  b = ${x.y}", 3, 7, "${x.y} has no value")]
    [InlineData("a = ${a}", 1, 5, "cycle")]
    [InlineData("a = ${b}\nb = ${c}\nc = ${a}", 3, 5, "cycle")]
    [InlineData("a { b = ${a} }", 1, 9, "cycle")]
    [InlineData("a = [${a}]", 1, 6, "cycle")]
    [InlineData("a = ${b.c}\nb = ${a}", 1, 5, "cycle")]
    [InlineData("a = 1\na += 2", 2, 1, "array")]
    [InlineData("include = 1", 1, 1, "must be quoted")]
    [InlineData("include \"x\"", 1, 9, "cannot include")]
    [InlineData("include url(\"x\")", 1, 1, "not supported")]
    [InlineData("include file(\"x\"", 1, 17, "want ')'")]
    [InlineData("include fill(\"x\")", 1, 1, "Want include")]
    public void Malformed_NamesThePlace(string text, int line, int column, string part) =>
        Assert.Contains(part, AssertRefused(text, line, column).Problem, StringComparison.Ordinal);

    [Fact]
    public void Message_StartsWithTheOrigin()
    {
        HoconException error = Assert.Throws<HoconException>(() => HoconParser.Parse("a = }", "node.conf"));
        Assert.StartsWith("node.conf:1:5: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_KnowWhereTheyWereWritten()
    {
        HoconObject root = HoconParser.Parse("a {\n  b = [ x,\n    \"y\" ]\n}\nc = ${a.b}\nd = 1 2", "f").Value;
        Assert.Equal(new HoconOrigin("f", 1, 3), root.GetValue("a").Origin);
        HoconArray array = Assert.IsType<HoconArray>(root.GetValue("a.b"));
        Assert.Equal(new HoconOrigin("f", 2, 7), array.Origin);
        Assert.Equal(new HoconOrigin("f", 3, 5), array.Items[1].Origin);
        Assert.Equal(new HoconOrigin("f", 2, 7), root.GetValue("c").Origin);
        Assert.Equal(new HoconOrigin("f", 6, 5), root.GetValue("d").Origin);
    }

    internal static HoconException AssertRefused(string text, int line, int column)
    {
        HoconException error = Assert.Throws<HoconException>(() => HoconParser.Parse(text, "test"));
        Assert.Equal(new HoconOrigin("test", line, column), error.Origin);
        return error;
    }
}
