using ClusterTransfer.TestKit;

namespace ClusterTransfer.Hocon.Tests;

public sealed class IncludeTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("include \"b.conf\"")]
    [InlineData("include file(\"b.conf\")")]
    [InlineData("include required(file(\"b.conf\"))")]
    [InlineData("include required( file( \"b.conf\" ) ) # why")]
    [InlineData("include required(\"b.conf\")")]
    public void Include_EveryForm_TakesTheFieldsInPlace(string include)
    {
        Write("b.conf", "x = 1\ny = 2");
        Assert.Equal("{x:0,y:2,z:3}", ParseMain($"x = 9\n{include}\nx = 0, z = 3"));
    }

    [Fact]
    public void Include_InAnObject_MergesThere()
    {
        Write("b.conf", "{ x = 1 }");
        Assert.Equal("{a:{x:1,y:2}}", ParseMain("a { include \"b.conf\", y = 2 }"));
    }

    [Fact]
    public void Include_IsRelativeToTheIncludingFile()
    {
        _folder.Create("sub");
        Write("sub/b.conf", "include \"c.conf\"");
        Write("sub/c.conf", "x = sub");
        Write("c.conf", "x = main");
        Assert.Equal("{x:'sub'}", ParseMain("include \"sub/b.conf\""));
    }

    [Fact]
    public void Include_AbsentFile_IsSilentUnlessRequired()
    {
        Assert.Equal("{a:1}", ParseMain("include \"no.conf\"\na = 1"));
        HoconException error = Assert.Throws<HoconException>(() => ParseMain("a = 1\n include required(file(\"no.conf\"))"));
        Assert.Equal((2, 24), (error.Origin.Line, error.Origin.Column));
        Assert.Contains(_folder["no.conf"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Include_Substitutions_AreRelativeToTheIncludedRootThenToTheWhole()
    {
        Write("b.conf", "x = 10\ny = ${x}\nz = ${outer}");
        Assert.Equal("{outer:7,a:{b:{x:42,y:42,z:7}}}", ParseMain("outer = 7\na.b { include \"b.conf\" }\na.b.x = 42"));
    }

    [Fact]
    public void Include_MayUseWhatTheIncluderDefinesLater()
    {
        Write("b.conf", "dir = ${base}/data");
        Assert.Equal("{dir:'/srv/data',base:'/srv'}", ParseMain("include \"b.conf\"\nbase = /srv"));
    }

    [Fact]
    public void Include_ErrorInside_NamesTheIncludedFile()
    {
        Write("b.conf", "x = 1\n y = }");
        HoconException error = Assert.Throws<HoconException>(() => ParseMain("include \"b.conf\""));
        Assert.Equal(new HoconOrigin(_folder["b.conf"], 2, 6), error.Origin);
    }

    [Fact]
    public void Include_OfItself_EndsAtTheDepthLimit()
    {
        HoconException error = Assert.Throws<HoconException>(() => ParseMain("include \"main.conf\""));
        Assert.Contains("does a file include itself", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Include_ManyTimes_EndsAtTheCountLimit()
    {
        Write("b.conf", string.Concat(Enumerable.Repeat("include \"c.conf\"\n", 20)));
        Write("c.conf", "x = 1");
        HoconException error = Assert.Throws<HoconException>(() => ParseMain(string.Concat(Enumerable.Repeat("include \"b.conf\"\n", 20))));
        Assert.Contains("More than 100 files", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Include_OfAFolder_IsRefused()
    {
        _folder.Create("sub");
        Assert.Throws<HoconException>(() => ParseMain("include \"sub\""));
    }

    [Fact]
    public void ParseFile_NotUtf8_IsRefused()
    {
        File.WriteAllBytes(_folder["main.conf"], [0x61, 0x3d, 0xff]);
        Assert.Contains("not UTF-8", Assert.Throws<HoconException>(() => HoconParser.ParseFile(_folder["main.conf"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ParseFile_TooLong_IsRefusedWithoutReadingAll()
    {
        Write("main.conf", new string('#', 1000));
        HoconException error = Assert.Throws<HoconException>(() => HoconParser.ParseFile(_folder["main.conf"], new HoconParserOptions { MaxTextLength = 100 }));
        Assert.Contains("longer than 100", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ParseFile_Missing_NamesIt()
    {
        HoconException error = Assert.Throws<HoconException>(() => HoconParser.ParseFile(_folder["no.conf"]));
        Assert.Equal(new HoconOrigin(_folder["no.conf"], 0, 0), error.Origin);
    }

    private void Write(string file, string text) => File.WriteAllText(_folder[file], text);

    private string ParseMain(string text)
    {
        Write("main.conf", text);
        return Rendering.Render(HoconParser.ParseFile(_folder["main.conf"]).Value);
    }
}
