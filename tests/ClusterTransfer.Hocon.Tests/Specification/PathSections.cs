namespace ClusterTransfer.Hocon.Tests.Specification;

/// <summary>Sections "Path expressions" and "Paths as keys"; each test is named after its section.</summary>
public sealed class PathSections
{
    [Theory]
    [InlineData("foo.bar.'hello.world' = 1", "{'foo':{'bar':{'hello.world':1}}}")]
    [InlineData("10.0foo = 1", "{'10':{'0foo':1}}")]
    [InlineData("foo10.0 = 1", "{'foo10':{'0':1}}")]
    [InlineData("foo'10.0' = 1", "{'foo10.0':1}")]
    [InlineData("1.2.3 = 1", "{'1':{'2':{'3':1}}}")]
    [InlineData("a.''.b = 1", "{'a':{'':{'b':1}}}")]
    [InlineData("'' = 1", "{'':1}")]
    [InlineData("'a'.'b' = 1", "{'a':{'b':1}}")]
    [InlineData("a'.'b = 1", "{'a.b':1}")]
    [InlineData("x=${ a.b },a.b=1", "{'x':1,'a':{'b':1}}")]
    [InlineData("x=${'a.b'},'a.b'=1", "{'x':1,'a.b':1}")]
    [InlineData("x=${a b},a b=1", "{'x':1,'a b':1}")]
    [InlineData("x=${1.5},1.5=y", "{'x':'y','1':{'5':'y'}}")]
    [InlineData("x=${true},true=1", "{'x':1,'true':1}")]
    [InlineData("a.'b c'.d = 1", "{'a':{'b c':{'d':1}}}")]
    public void PathExpressions(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a..b = 1")]
    [InlineData(".a = 1")]
    [InlineData("a. = 1")]
    [InlineData(". = 1")]
    [InlineData("x = ${a..b}")]
    [InlineData("x = ${.a}")]
    [InlineData("x = ${a.}")]
    [InlineData("x = ${}")]
    [InlineData("x = ${a${b}}")]
    [InlineData("a${b} = 1")]
    [InlineData("a[0] = 1")]
    [InlineData("x = ${a\n}")]
    public void PathExpressions_Refused(string text) => Spec.Refused(text);

    [Theory]
    [InlineData("foo.bar : 42", "{'foo':{'bar':42}}")]
    [InlineData("foo.bar.baz : 42", "{'foo':{'bar':{'baz':42}}}")]
    [InlineData("a.x : 42, a.y : 43", "{'a':{'x':42,'y':43}}")]
    [InlineData("a b c : 42", "{'a b c':42}")]
    [InlineData("a  b : 42", "{'a  b':42}")]
    [InlineData("true : 42", "{'true':42}")]
    [InlineData("null : 42", "{'null':42}")]
    [InlineData("3 : 42", "{'3':42}")]
    [InlineData("3.14 : 42", "{'3':{'14':42}}")]
    [InlineData("1e5 : 42", "{'1e5':42}")]
    [InlineData("a.b:1,a:{c:2},a.b:3", "{'a':{'b':3,'c':2}}")]
    [InlineData("a.b.c=1,a.b=2,a.b.d=3", "{'a':{'b':{'d':3}}}")]
    [InlineData("foo include : 42", "{'foo include':42}")]
    [InlineData("a.include : 42", "{'a':{'include':42}}")]
    [InlineData("a{b.c=1},a.b.d=2", "{'a':{'b':{'c':1,'d':2}}}")]
    public void PathsAsKeys(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a.b", "x")]
    [InlineData("a.\"c.d\"", "y")]
    [InlineData("\"e\".\"f g\"", "z")]
    [InlineData("e.f g", "z")]
    [InlineData("a.\"\"", "w")]
    public void PathExpressions_InAccessors(string path, string expected) =>
        Assert.Equal(expected, HoconParser.Parse("a { b = x, \"c.d\" = y, \"\" = w }\ne { f g = z }", "spec").GetString(path));

    [Theory]
    [InlineData("")]
    [InlineData("a..b")]
    [InlineData("a{")]
    [InlineData("a#b")]
    [InlineData("a//b")]
    [InlineData("${a}")]
    public void PathExpressions_InAccessors_Refused(string path) =>
        Assert.Throws<HoconException>(() => HoconParser.Parse("a = 1", "spec").TryGet(path, out _));
}
