using ClusterTransfer.TestKit;

namespace ClusterTransfer.Hocon.Tests.Specification;

/// <summary>The sections under "Includes" and "Java properties mapping"; each test is named after its section.</summary>
public sealed class IncludeSections : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("include 'b.conf'")]
    [InlineData("include\n\n  'b.conf'")]
    [InlineData("include'b.conf'")]
    [InlineData("include file('b.conf')")]
    [InlineData("include file( 'b.conf' )")]
    [InlineData("include file(\n'b.conf'\n)")]
    [InlineData("include required('b.conf')")]
    [InlineData("include required(file('b.conf'))")]
    [InlineData("include required( file( 'b.conf' ) )")]
    [InlineData("{ include 'b.conf' }")]
    [InlineData("include 'b.conf',")]
    [InlineData("include 'b.conf' # why")]
    [InlineData("include '''b.conf'''")]
    public void IncludeSyntax(string include)
    {
        Write("b.conf", "x = 1");
        Means(include, "{'x':1}");
    }

    [Theory]
    [InlineData("{ foo include : 42 }", "{'foo include':42}")]
    [InlineData("{ foo : include }", "{'foo':'include'}")]
    [InlineData("[ include ]", "['include']")]
    [InlineData("{ 'include' : 42 }", "{'include':42}")]
    [InlineData("a.include.b : 42", "{'a':{'include':{'b':42}}}")]
    public void IncludeSyntax_ElsewhereItIsAWord(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("include = 1")]
    [InlineData("include : 1")]
    [InlineData("include {}")]
    [InlineData("include b.conf")]
    [InlineData("include ${x}")]
    [InlineData("include 'b' '.conf'")]
    [InlineData("include 'b'x")]
    [InlineData("include file(b.conf)")]
    [InlineData("include file('b.conf'")]
    [InlineData("include file('b.conf'))")]
    [InlineData("include required 'b.conf'")]
    [InlineData("include file(required('b.conf'))")]
    [InlineData("include url('http://x/b.conf')")]
    [InlineData("include classpath('b.conf')")]
    [InlineData("include 'b.conf' a = 1")]
    [InlineData("include ''")]
    public void IncludeSyntax_Refused(string text)
    {
        Write("b.conf", "x = 1");
        Refused(text);
    }

    [Theory]
    [InlineData("x=0,y=0\ninclude 'b.conf'", "{'x':1,'y':0,'o':{'p':1}}")]
    [InlineData("include 'b.conf'\nx=2", "{'x':2,'o':{'p':1}}")]
    [InlineData("o{q=2}\ninclude 'b.conf'", "{'o':{'q':2,'p':1},'x':1}")]
    [InlineData("include 'b.conf'\no{p=3,q=2}", "{'x':1,'o':{'p':3,'q':2}}")]
    [InlineData("o=5\ninclude 'b.conf'", "{'o':{'p':1},'x':1}")]
    [InlineData("a{include 'b.conf'}", "{'a':{'x':1,'o':{'p':1}}}")]
    [InlineData("a=[{include 'b.conf'}]", "{'a':[{'x':1,'o':{'p':1}}]}")]
    [InlineData("include 'b.conf', include 'b.conf'", "{'x':1,'o':{'p':1}}")]
    public void IncludeSemanticsMerging(string text, string json)
    {
        Write("b.conf", "x = 1, o { p = 1 }");
        Means(text, json);
    }

    [Theory]
    [InlineData("b.conf", "[1]")]
    [InlineData("b.json", "[1]")]
    public void IncludeSemanticsMerging_ArrayAtTheRoot_IsRefused(string file, string content)
    {
        Write(file, content);
        Assert.Contains("must be an object", Refused($"include '{file}'").Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a{include 'foo.conf'}", "{'a':{'x':10,'y':10}}")]
    [InlineData("a{include 'foo.conf'}\na{x=42}", "{'a':{'x':42,'y':42}}")]
    [InlineData("x=1\na{include 'foo.conf'}", "{'x':1,'a':{'x':10,'y':10}}")]
    [InlineData("include 'foo.conf'\nx=42", "{'x':42,'y':42}")]
    [InlineData("a.b.c{include 'foo.conf'}", "{'a':{'b':{'c':{'x':10,'y':10}}}}")]
    [InlineData("x=1\nl=[{include 'foo.conf'}]", "{'x':1,'l':[{'x':10,'y':10}]}")]
    [InlineData("x=1\nl=[[{k{include 'foo.conf'},k.x=7}]]", "{'x':1,'l':[[{'k':{'x':7,'y':7}}]]}")]
    public void IncludeSemanticsSubstitution(string text, string json)
    {
        Write("foo.conf", "x = 10, y = ${x}");
        Means(text, json);
    }

    [Theory]
    [InlineData("root=1\na{include 'foo.conf'}", "{'root':1,'a':{'y':1}}")]
    [InlineData("a{include 'foo.conf'}\nroot=2", "{'a':{'y':2},'root':2}")]
    [InlineData("a{include 'foo.conf', root=3}\nroot=2", "{'a':{'y':3,'root':3},'root':2}")]
    public void IncludeSemanticsSubstitution_FallsBackToTheWholeRoot(string text, string json)
    {
        Write("foo.conf", "y = ${root}");
        Means(text, json);
    }

    [Fact]
    public void IncludeSemanticsSubstitution_ThroughTwoFiles()
    {
        Write("one.conf", "inner { include \"two.conf\" }\nz = ${inner.y}");
        Write("two.conf", "x = 1, y = ${x}, w = ${top}");
        Means("top=9\na{include 'one.conf'}", "{'top':9,'a':{'inner':{'x':1,'y':1,'w':9},'z':1}}");
    }

    [Theory]
    [InlineData("include 'no.conf'\na=1", "{'a':1}")]
    [InlineData("include file('no.conf')\na=1", "{'a':1}")]
    [InlineData("include 'no'\na=1", "{'a':1}")]
    [InlineData("include 'no/where/no.json'\na=1", "{'a':1}")]
    public void IncludeSemanticsMissingFilesAndRequiredFiles(string text, string json) => Means(text, json);

    [Theory]
    [InlineData("include required('no.conf')")]
    [InlineData("include required(file('no.conf'))")]
    [InlineData("include required('no')")]
    [InlineData("a=[{b{include required('no.conf')}}]")]
    public void IncludeSemanticsMissingFilesAndRequiredFiles_Refused(string text) =>
        Assert.Contains("does not exist", Refused(text).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("include 'foo'")]
    [InlineData("include file('foo')")]
    [InlineData("include required('foo')")]
    public void IncludeSemanticsFileFormatsAndExtensions_WithoutExtension_TakesAllInOrder(string include)
    {
        Write("foo.properties", "a=p\nb=p\nc=p");
        Write("foo.json", "{\"b\": \"j\", \"c\": \"j\"}");
        Write("foo.conf", "c = h");
        Means(include, "{'a':'p','b':'j','c':'h'}");
    }

    [Theory]
    [InlineData("foo.json", "{\"a\": [1, {\"b.c\": null}]}", "{'a':[1,{'b.c':null}]}")]
    [InlineData("foo.json", " \r\n{\"a\": \"${x}\"}", "{'a':'${x}'}")]
    [InlineData("foo.properties", "a.b = 1", "{'a':{'b':'1'}}")]
    [InlineData("foo.conf", "a = 1", "{'a':1}")]
    [InlineData("foo.inc", "a = 1", "{'a':1}")]
    [InlineData("foo", "a = 1", "{'a':1}")]
    public void IncludeSemanticsFileFormatsAndExtensions(string file, string content, string json)
    {
        Write(file, content);
        Means($"include '{file}'", json);
        Assert.Equal(Spec.Quote(json), HoconParser.ParseFile(_folder[file]).Value.Render(HoconRenderOptions.Concise));
    }

    [Theory]
    [InlineData("{a: 1}", 1, 2)]
    [InlineData("{\"a\": 1 // no\n}", 1, 9)]
    [InlineData("{\"a\": x}", 1, 7)]
    [InlineData("{\"é\": 01}", 1, 8)]
    [InlineData("{\"a\": 1,\n}", 2, 1)]
    [InlineData("{\n\"a\": 1\n\"b\": 2}", 3, 1)]
    [InlineData("", 1, 1)]
    [InlineData("{\"a\": ${b}}", 1, 7)]
    public void IncludeSemanticsFileFormatsAndExtensions_NotJson_NamesThePlace(string content, int line, int column)
    {
        Write("foo.json", content);
        HoconException error = Refused("include 'foo.json'");
        Assert.Equal(new HoconOrigin(_folder["foo.json"], line, column), error.Origin);
        Assert.StartsWith("Not JSON", error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void IncludeSemanticsLocatingResources_AbsoluteAndRelativeToTheFile()
    {
        _folder.Create("sub");
        Write("sub/b.conf", "include \"c.conf\"\nb = 1");
        Write("sub/c.conf", "c = sub");
        Write("c.conf", "c = top");
        Means("include 'sub/b.conf'", "{'c':'sub','b':1}");
        Means($"include '{_folder["c.conf"]}'", "{'c':'top'}");
        Means("include 'sub/../c.conf'", "{'c':'top'}");
    }

    [Theory]
    [InlineData("http://example.net/b.conf")]
    [InlineData("file:///etc/b.conf")]
    [InlineData("classpath:b.conf")]
    public void IncludeSemanticsLocatingResources_Urls_AreRefusedRatherThanAbsent(string name) =>
        Assert.Contains("URL", Refused($"include '{name}'").Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("a=1\nb.c=x", "{'a':'1','b':{'c':'x'}}")]
    [InlineData("a = true", "{'a':'true'}")]
    [InlineData("a:1\nb 2\nc\t3\nd", "{'a':'1','b':'2','c':'3','d':''}")]
    [InlineData("# x\n! y\n  # z\na=1", "{'a':'1'}")]
    [InlineData("a=x # not a comment", "{'a':'x # not a comment'}")]
    [InlineData("a=hello\na.b=world", "{'a':{'b':'world'}}")]
    [InlineData("a.b=world\na=hello", "{'a':{'b':'world'}}")]
    [InlineData(".=1", "{'':{'':'1'}}")]
    [InlineData("a.=1", "{'a':{'':'1'}}")]
    [InlineData(".a..b=1", "{'':{'a':{'':{'b':'1'}}}}")]
    [InlineData("a=1\na=2", "{'a':'2'}")]
    [InlineData("a=one \\\n    two", "{'a':'one two'}")]
    [InlineData("a\\ b\\=c=1", "{'a b=c':'1'}")]
    [InlineData("a=\\u00e9\\t\\n\\q", "{'a':'é\\t\\nq'}")]
    [InlineData("a=x \r\nb=y\r", "{'a':'x ','b':'y'}")]
    [InlineData("a=${b} [1] {", "{'a':'${b} [1] {'}")]
    [InlineData("a==b", "{'a':'=b'}")]
    [InlineData("", "{}")]
    [InlineData("l.0=x\nl.1=y", "{'l':{'0':'x','1':'y'}}")]
    public void JavaPropertiesMapping(string content, string json)
    {
        Write("p.properties", content);
        Means("include 'p.properties'", json);
    }

    [Fact]
    public void JavaPropertiesMapping_ValuesAreConvertedAndKnowTheirPlace()
    {
        Write("p.properties", "# size\nlimit.size = 64MiB\nlist.1 = b\nlist.0 = a\n");
        HoconRoot root = HoconParser.ParseFile(_folder["p.properties"]);
        Assert.Equal(64 << 20, root.GetSize("limit.size"));
        Assert.Equal(["a", "b"], root.GetStringList("list"));
        Assert.Equal(new HoconOrigin(_folder["p.properties"], 2, 14), root.Value.GetValue("limit.size").Origin);
    }

    private void Write(string file, string text) => File.WriteAllText(_folder[file], text);

    private void Means(string text, string json)
    {
        HoconValue value = HoconParser.ParseValue(Spec.Quote(text), "main.conf", new HoconParserOptions { IncludeFolder = _folder.Path });
        Assert.Equal(Spec.Quote(json), value.Render(HoconRenderOptions.Concise));
    }

    private HoconException Refused(string text) =>
        Assert.Throws<HoconException>(() => HoconParser.ParseValue(Spec.Quote(text), "main.conf", new HoconParserOptions { IncludeFolder = _folder.Path }));
}
