namespace ClusterTransfer.Hocon.Tests;

public sealed class AccessorTests
{
    [Theory]
    [InlineData("10", 10)]
    [InlineData("10ms", 10)]
    [InlineData("10 milliseconds", 10)]
    [InlineData("\"10 ms\"", 10)]
    [InlineData("10s", 10_000)]
    [InlineData("1 second", 1_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("5 minutes", 300_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("2 days", 172_800_000)]
    [InlineData("1000us", 1)]
    [InlineData("1000000ns", 1)]
    [InlineData("-1s", -1_000)]
    public void GetDuration_Units(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Parse(text).GetDuration("a"));

    [Theory]
    [InlineData("10 parsecs")]
    [InlineData("s")]
    [InlineData("1s2")]
    [InlineData("1 0s")]
    [InlineData("1e3 e")]
    [InlineData("99999999999999 days")]
    [InlineData("79228162514264337593543950335 d")]
    [InlineData("null")]
    [InlineData("[1s]")]
    [InlineData("10S")]
    public void GetDuration_OtherForms_AreRefused(string text) => AssertRefused(text, root => root.GetDuration("a"));

    [Theory]
    [InlineData("512", 512)]
    [InlineData("512B", 512)]
    [InlineData("1 byte", 1)]
    [InlineData("512K", 524_288)]
    [InlineData("512k", 524_288)]
    [InlineData("512 KiB", 524_288)]
    [InlineData("512kB", 512_000)]
    [InlineData("64MiB", 67_108_864)]
    [InlineData("64M", 67_108_864)]
    [InlineData("1 GB", 1_000_000_000)]
    [InlineData("1.5 GiB", 1_610_612_736)]
    [InlineData("2 terabytes", 2_000_000_000_000)]
    [InlineData("1PiB", 1_125_899_906_842_624)]
    [InlineData("7 EiB", 8_070_450_532_247_928_832)]
    public void GetSize_Units(string text, long bytes) => Assert.Equal(bytes, Parse(text).GetSize("a"));

    [Theory]
    [InlineData("8 EiB")]
    [InlineData("-1")]
    [InlineData("0.3B")]
    [InlineData("1 mB")]
    [InlineData("64 MiBs")]
    [InlineData("many")]
    [InlineData("{}")]
    public void GetSize_OtherForms_AreRefused(string text) => AssertRefused(text, root => root.GetSize("a"));

    [Theory]
    [InlineData("true", true)]
    [InlineData("yes", true)]
    [InlineData("on", true)]
    [InlineData("\"true\"", true)]
    [InlineData("false", false)]
    [InlineData("no", false)]
    [InlineData("off", false)]
    public void GetBoolean_Spellings(string text, bool expected) => Assert.Equal(expected, Parse(text).GetBoolean("a"));

    [Theory]
    [InlineData("1")]
    [InlineData("True")]
    [InlineData("null")]
    public void GetBoolean_OtherForms_AreRefused(string text) => AssertRefused(text, root => root.GetBoolean("a"));

    [Theory]
    [InlineData("5", 5)]
    [InlineData("\"5\"", 5)]
    [InlineData("-5", -5)]
    [InlineData("5.0", 5)]
    [InlineData("1e3", 1000)]
    public void GetInt_WholeNumbers(string text, int expected) => Assert.Equal(expected, Parse(text).GetInt("a"));

    [Theory]
    [InlineData("5.5")]
    [InlineData("2147483648")]
    [InlineData("1e400")]
    [InlineData("5x")]
    [InlineData("\" 5\"")]
    public void GetInt_OtherForms_AreRefused(string text) => AssertRefused(text, root => root.GetInt("a"));

    [Fact]
    public void GetString_OfNumberAndBoolean_GivesTheirText()
    {
        HoconRoot root = HoconParser.Parse("a = 1.50, b = true", "f");
        Assert.Equal("1.50", root.GetString("a"));
        Assert.Equal("true", root.GetString("b"));
    }

    [Fact]
    public void GetStringList_OfSimpleValues() => Assert.Equal(["x", "1", "true"], Parse("[x, 1, true]").GetStringList("a"));

    [Fact]
    public void GetStringList_WithAnObject_NamesTheItem()
    {
        HoconException error = Assert.Throws<HoconException>(() => Parse("[x, {}]").GetStringList("a"));
        Assert.Equal("a[1]", error.Key);
        Assert.Equal(new HoconOrigin("f", 1, 9), error.Origin);
    }

    [Fact]
    public void Get_WrongKind_NamesKeyValueAndOrigin()
    {
        HoconException error = Assert.Throws<HoconException>(() => HoconParser.Parse("x {\n  timeout = soon\n}", "f").GetDuration("x.timeout"));
        Assert.Equal("f:2:13: x.timeout: want a duration such as 500ms, 10s, 5 minutes or 1h; got \"soon\".", error.Message);
        Assert.Equal("x.timeout", error.Key);
    }

    [Fact]
    public void Get_Missing_NamesKeyAndFile()
    {
        HoconException error = Assert.Throws<HoconException>(() => Parse("1").GetString("b.c"));
        Assert.Equal("f: b.c: missing.", error.Message);
    }

    [Fact]
    public void TryGet_FindsNullButNotWhatIsMissing()
    {
        HoconRoot root = HoconParser.Parse("a { \"b.c\" = null }", "f");
        Assert.True(root.TryGet("a.\"b.c\"", out HoconValue? value));
        Assert.True(Assert.IsType<HoconScalar>(value).IsNull);
        Assert.False(root.TryGet("a.b", out _));
        Assert.False(root.TryGet("a.\"b.c\".d", out _));
    }

    [Fact]
    public void WithFallback_KeepsWhatIsHereAndMergesObjects()
    {
        HoconRoot upper = HoconParser.Parse("a { x = 1 }, b = 2, d = null", "f");
        HoconRoot lower = HoconParser.Parse("a { x = 9, y = 3 }, b { z = 1 }, c = 4, d = 5", "f");
        Assert.Equal("{a:{x:1,y:3},b:2,d:null,c:4}", Rendering.Render(upper.WithFallback(lower).Value));
        Assert.Equal("{a:{x:1},b:2,d:null}", Rendering.Render(upper.Value));
    }

    [Fact]
    public void With_PutsAValueAtAPath()
    {
        HoconObject root = HoconParser.Parse("a { x = 1 }, b = 2", "f").Value;
        var value = new HoconScalar("7", isQuoted: false, new HoconOrigin("here", 0, 0));
        Assert.Equal("{a:{x:1,y:{z:7}},b:{c:7}}", Rendering.Render(root.With("a.y.z", value).With("b.c", value)));
        Assert.Equal("{a:{x:1},b:2}", Rendering.Render(root));
    }

    private static HoconRoot Parse(string value) => HoconParser.Parse($"a = {value}", "f");

    private static void AssertRefused(string value, Action<HoconRoot> read)
    {
        HoconException error = Assert.Throws<HoconException>(() => read(Parse(value)));
        Assert.Equal("a", error.Key);
        Assert.Equal(new HoconOrigin("f", 1, 5), error.Origin);
    }
}
