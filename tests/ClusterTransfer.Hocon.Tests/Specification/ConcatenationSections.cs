namespace ClusterTransfer.Hocon.Tests.Specification;

/// <summary>Sections "Value concatenation" to "Arrays without commas or newlines"; each test is named after its section.</summary>
public sealed class ConcatenationSections
{
    [Theory]
    [InlineData("a= foo bar baz ", "{'a':'foo bar baz'}")]
    [InlineData("a=foo 'bar'  baz", "{'a':'foo bar  baz'}")]
    [InlineData("a='foo''bar'", "{'a':'foobar'}")]
    [InlineData("a=1 2", "{'a':'1 2'}")]
    [InlineData("a=1e5 x", "{'a':'1e5 x'}")]
    [InlineData("a=1.500 1", "{'a':'1.500 1'}")]
    [InlineData("a=true foo", "{'a':'true foo'}")]
    [InlineData("a=null 'x'", "{'a':'null x'}")]
    [InlineData("a=true", "{'a':true}")]
    [InlineData("a= 5 ", "{'a':5}")]
    [InlineData("a=' x 'y", "{'a':' x y'}")]
    [InlineData("a=true'' ", "{'a':'true'}")]
    [InlineData("a=x\nb=y", "{'a':'x','b':'y'}")]
    [InlineData("[x y\tz]", "['x y\\tz']")]
    [InlineData("a=${b}${b},b=1", "{'a':'11','b':1}")]
    [InlineData("a=v${b},b=1e5", "{'a':'v1e5','b':1e5}")]
    [InlineData("a=v${b},b=null", "{'a':'vnull','b':null}")]
    [InlineData("foo bar = 1", "{'foo bar':1}")]
    [InlineData("a=''true", "{'a':'true'}")]
    public void StringValueConcatenation(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a=x [1]")]
    [InlineData("a=[1] x")]
    [InlineData("a=x {b:1}")]
    [InlineData("a={b:1} x")]
    [InlineData("a=x ${b},b=[1]")]
    [InlineData("a=x ${b},b{c=1}")]
    [InlineData("a=x\n y")]
    public void StringValueConcatenation_Refused(string text) => Spec.Refused(text);

    [Theory]
    [InlineData("a:{b:1,c:2}", "{'a':{'b':1,'c':2}}")]
    [InlineData("a:{b:1} {c:2}", "{'a':{'b':1,'c':2}}")]
    [InlineData("a:{b:1}\na:{c:2}", "{'a':{'b':1,'c':2}}")]
    [InlineData("a:[1,2] [3,4]", "{'a':[1,2,3,4]}")]
    [InlineData("a:[1,2]\na:${a} [3,4]", "{'a':[1,2,3,4]}")]
    [InlineData("a:[1][2][3]", "{'a':[1,2,3]}")]
    [InlineData("a:{b:{x:1}} {b:{y:2}}", "{'a':{'b':{'x':1,'y':2}}}")]
    [InlineData("a:{b:1} {b:2}", "{'a':{'b':2}}")]
    [InlineData("gen={size=6}\neast=${gen} {name=e}", "{'gen':{'size':6},'east':{'size':6,'name':'e'}}")]
    [InlineData("gen={size=6}\neast={size=7} ${gen}", "{'gen':{'size':6},'east':{'size':6}}")]
    [InlineData("path=[/bin]\npath=${path} [/usr/bin]", "{'path':['/bin','/usr/bin']}")]
    [InlineData("a:[\n1\n] [\n2\n]", "{'a':[1,2]}")]
    [InlineData("a {b=1} {c=2}", "{'a':{'b':1,'c':2}}")]
    [InlineData("a:[] []", "{'a':[]}")]
    [InlineData("a:{} {}", "{'a':{}}")]
    public void ArrayAndObjectConcatenation(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a:[1] {b:2}")]
    [InlineData("a:{b:2} [1]")]
    [InlineData("a:{b:1}\n{c:2}")]
    [InlineData("a:[1]\n[2]")]
    [InlineData("{b:1}:2")]
    [InlineData("[1]:2")]
    [InlineData("x {b:1}[2]:3")]
    [InlineData("b=1,a=${b} {c:1}")]
    public void ArrayAndObjectConcatenation_Refused(string text) => Spec.Refused(text);

    [Theory]
    [InlineData("x=1,y=2,a=${x}  ${y}", "{'x':1,'y':2,'a':'1  2'}")]
    [InlineData("x=[1],y=[2],a=${x}  ${y}", "{'x':[1],'y':[2],'a':[1,2]}")]
    [InlineData("x{p=1},y{q=2},a=${x}  ${y}", "{'x':{'p':1},'y':{'q':2},'a':{'p':1,'q':2}}")]
    [InlineData("x=[1],a=  ${x}  ", "{'x':[1],'a':[1]}")]
    [InlineData("x=[1],a=${x} ${?n} [2]", "{'x':[1],'a':[1,2]}")]
    [InlineData("a=${?n}${?m}", "{}")]
    [InlineData("a=${?n} ${?m}", "{'a':' '}")]
    [InlineData("a=''${?n}", "{'a':''}")]
    public void ConcatenationWithWhitespaceAndSubstitutions(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("x=[1],y=[2],a=${x}' '${y}")]
    [InlineData("x{p=1},a=${x}' '{q=1}")]
    public void ConcatenationWithWhitespaceAndSubstitutions_QuotedSpace_IsRefused(string text) => Spec.Refused(text);

    [Theory]
    [InlineData("[ 1 2 3 4 ]", "['1 2 3 4']")]
    [InlineData("[ 1\n 2\n 3\n 4 ]", "[1,2,3,4]")]
    [InlineData("[ [ 1, 2 ] [ 3, 4 ] ]", "[[1,2,3,4]]")]
    [InlineData("[ [ 1, 2 ]\n [ 3, 4 ] ]", "[[1,2],[3,4]]")]
    [InlineData("[ {a:1} {b:2} ]", "[{'a':1,'b':2}]")]
    [InlineData("name=J,l=[ my name is ${name}, Hello ${name} ]", "{'name':'J','l':['my name is J','Hello J']}")]
    public void ArraysWithoutCommasOrNewlines(string text, string json) => Spec.Means(text, json);
}
