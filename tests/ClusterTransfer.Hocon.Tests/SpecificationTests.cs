namespace ClusterTransfer.Hocon.Tests;

/// <summary>Section by section of the HOCON specification.</summary>
public sealed class SpecificationTests
{
    [Theory]
    [InlineData("{\"a\": {\"b\": [1, -2.5e3, true, false, null, \"x\\u0041\\n\"]}}", "{a:{b:[1,-2.5e3,true,false,null,'xA\n']}}")]
    [InlineData("{ \"a\"\n:\n1 }", "{a:1}")]
    [InlineData("{}", "{}")]
    [InlineData("\uFEFF {a:1} \r\n", "{a:1}")]
    public void Json_IsHocon(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("", "{}")]
    [InlineData("\n\n # nothing", "{}")]
    [InlineData("a = 1 # one\nb = 2 // two\n//c = 3", "{a:1,b:2}")]
    [InlineData("a = \"# no // comment\"", "{a:'# no // comment'}")]
    [InlineData("a = b//c", "{a:'b'}")]
    [InlineData("a = [ # first\n 1 // one\n ]", "{a:[1]}")]
    [InlineData("a {\r\n b = c\r\n}\r\n", "{a:{b:'c'}}")]
    public void Comments_AndOmittedRootBraces(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a=1", "{a:1}")]
    [InlineData("a:1", "{a:1}")]
    [InlineData("a{b=1}", "{a:{b:1}}")]
    [InlineData("a { b = 1 }", "{a:{b:1}}")]
    [InlineData("a =\n\n 1", "{a:1}")]
    [InlineData("a\n{ b = 1 }", "{a:{b:1}}")]
    public void KeyValueSeparator_HasThreeForms(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a = [1,2,3,]", "{a:[1,2,3]}")]
    [InlineData("a = [1\n2\n3]", "{a:[1,2,3]}")]
    [InlineData("a = [\n1\n,\n2\n]", "{a:[1,2]}")]
    [InlineData("a = [[1],[ ]]", "{a:[[1],[]]}")]
    [InlineData("a=1,b=2,", "{a:1,b:2}")]
    [InlineData("a=1\n\n,\n\nb=2", "{a:1,b:2}")]
    public void Commas_MayBeNewLinesAndTrail(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a=[1,,2]", 1, 6)]
    [InlineData("a=[,1]", 1, 4)]
    [InlineData("a=[1,2,,]", 1, 8)]
    [InlineData("a=1,,b=2", 1, 5)]
    [InlineData("{,a=1}", 1, 2)]
    public void Commas_TwoInARowOrInFront_AreRefused(string text, int line, int column) => ErrorTests.AssertRefused(text, line, column);

    [Theory]
    [InlineData("a=1\na=2", "{a:2}")]
    [InlineData("a{x=1,y=2}\na{y=3,z=4}", "{a:{x:1,y:3,z:4}}")]
    [InlineData("a{x=1}\na=5\na{y=2}", "{a:{y:2}}")]
    [InlineData("a{x=1}\na=null\na{y=2}", "{a:{y:2}}")]
    [InlineData("a.b.c=1\na.b.d=2\na{b{c=3}}", "{a:{b:{c:3,d:2}}}")]
    [InlineData("a{b{c=1}}\na.b=2", "{a:{b:2}}")]
    public void DuplicateKeys_LastWins_ObjectsMerge(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a = foo", "{a:'foo'}")]
    [InlineData("a = foo bar  baz ", "{a:'foo bar  baz'}")]
    [InlineData("a = /srv/data-1_x.y", "{a:'/srv/data-1_x.y'}")]
    [InlineData("a = 10s", "{a:'10s'}")]
    [InlineData("a = 1e+6", "{a:1e+6}")]
    [InlineData("a = truely", "{a:'truely'}")]
    [InlineData("a = true dat", "{a:'true dat'}")]
    [InlineData("a = -foo", "{a:'-foo'}")]
    [InlineData("a = (x)|<y>~%;'", "{a:'(x)|<y>~%;''}")]
    [InlineData("a = 007", "{a:'007'}")]
    [InlineData("a = 1 2", "{a:'1 2'}")]
    public void UnquotedStrings_KeepTheirText(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a = \"\"", "{a:''}")]
    [InlineData("a = \"true\"", "{a:'true'}")]
    [InlineData("a = \"x\"\"y\"", "{a:'xy'}")]
    [InlineData("a = \"x\" y \"z\"", "{a:'x y z'}")]
    [InlineData("a = \"\\\"\\\\\\/\\b\\f\\r\\t\"", "{a:'\"\\/\b\f\r\t'}")]
    [InlineData("a = \"\\ud83d\\ude00\"", "{a:'\U0001F600'}")]
    public void QuotedStrings_UndoEscapes(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a = \"\"\"x\ny\\n\"\"\"", "{a:'x\ny\\n'}")]
    [InlineData("a = \"\"\"\"\"\"", "{a:''}")]
    [InlineData("a = \"\"\"x\"\"\"\"\"", "{a:'x\"\"'}")]
    [InlineData("a = \"\"\"\"x\"\" y\"\"\" z", "{a:'\"x\"\" y z'}")]
    public void MultiLineStrings_AreVerbatim(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a = [1] [2,3]", "{a:[1,2,3]}")]
    [InlineData("a = {x=1} {y=2}", "{a:{x:1,y:2}}")]
    [InlineData("a = {x=1}{x=2}", "{a:{x:2}}")]
    [InlineData("a { x = 1 } { y = 2 }", "{a:{x:1,y:2}}")]
    [InlineData("b=[1]\na = ${b} [2]", "{b:[1],a:[1,2]}")]
    [InlineData("b={x=1}\na = ${b} {y=2}", "{b:{x:1},a:{x:1,y:2}}")]
    [InlineData("a = [ [1] [2], 3 ]", "{a:[[1,2],3]}")]
    public void Concatenation_OfArraysAndObjects(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a = {x=1} y", 1, 11)]
    [InlineData("a = 1 [2]", 1, 7)]
    [InlineData("a = [1] {b=2}", 1, 9)]
    [InlineData("b = [1]\na = x ${b}", 2, 7)]
    public void Concatenation_OfDifferentKinds_IsRefused(string text, int line, int column) => ErrorTests.AssertRefused(text, line, column);

    [Theory]
    [InlineData("a.b.c = 1", "{a:{b:{c:1}}}")]
    [InlineData("a . b = 1", "{a :{ b:1}}")]
    [InlineData("\"a.b\".c = 1", "{a.b:{c:1}}")]
    [InlineData("a.\"\" = 1", "{a:{:1}}")]
    [InlineData("a b c = 1", "{a b c:1}")]
    [InlineData("10.5 = 1", "{10:{5:1}}")]
    [InlineData("true = 1, null.x = 2", "{true:1,null:{x:2}}")]
    [InlineData("a\"b\"c = 1", "{abc:1}")]
    public void PathKeys_MakeObjects(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a = 1\nb = ${a}", "{a:1,b:1}")]
    [InlineData("b = ${a}\na = 1", "{b:1,a:1}")]
    [InlineData("a { b = ${a.c}, c = 1 }", "{a:{b:1,c:1}}")]
    [InlineData("a = x${b}y\nb = 5", "{a:'x5y',b:5}")]
    [InlineData("a = ${b} ${c}\nb = 1, c = 2", "{a:'1 2',b:1,c:2}")]
    [InlineData("a = ${ b.\"c.d\" }\nb.\"c.d\" = 1", "{a:1,b:{c.d:1}}")]
    [InlineData("a = \"${b}\"", "{a:'${b}'}")]
    [InlineData("a = null, b = ${a}", "{a:null,b:null}")]
    [InlineData("a = [${b}, ${?c}]\nb = {x=1}", "{a:[{x:1}],b:{x:1}}")]
    [InlineData("a = ${?b}", "{}")]
    [InlineData("a = 1\na = ${?b}", "{a:1}")]
    [InlineData("a = x ${?b} y", "{a:'x  y'}")]
    [InlineData("a = ${?b}${?c}", "{}")]
    [InlineData("a = ${?b} {x=1}", "{a:{x:1}}")]
    [InlineData("a = ${b}\nb = ${c}\nc = 1", "{a:1,b:1,c:1}")]
    [InlineData("base { x = 1, y = 2 }\na = ${base} { y = 3 }\nb = ${a.x}${a.y}", "{base:{x:1,y:2},a:{x:1,y:3},b:'13'}")]
    [InlineData("base { x = ${v} }\nv = 1\nv = 2", "{base:{x:2},v:2}")]
    public void Substitutions_TakeTheFinalValue(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("path = \"a:b\"\npath = ${path}\":c\"", "{path:'a:b:c'}")]
    [InlineData("path = [a]\npath = ${path} [b]", "{path:['a','b']}")]
    [InlineData("path = ${?path} [b]", "{path:['b']}")]
    [InlineData("a { b = 1 }\na = ${a} { c = 2 }", "{a:{b:1,c:2}}")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }", "{bar:{foo:42,baz:42}}")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }\nbar { foo = 43 }", "{bar:{foo:43,baz:43}}")]
    [InlineData("foo { a { c = 1 } }\nfoo = ${foo.a}\nfoo { a = 2 }", "{foo:{a:2,c:1}}")]
    [InlineData("bar { a = ${foo.d}, b = 1 }\nbar.b = 3\nfoo { c = ${bar.b}, d = 2 }\nfoo.d = 4", "{bar:{a:4,b:3},foo:{c:3,d:4}}")]
    [InlineData("a = ${?a}foo", "{a:'foo'}")]
    [InlineData("a = 1\na = ${a}2\na = ${a}3", "{a:'123'}")]
    [InlineData("x { b = 1 }\na = ${x}\na { b = ${a.b}2 }", "{x:{b:1},a:{b:'12'}}")]
    public void SelfReference_LooksBack(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a += 1\na += 2", "{a:[1,2]}")]
    [InlineData("a = [1]\na += 2\na += [3]", "{a:[1,2,[3]]}")]
    [InlineData("a { b += 1 }\na.b += 2", "{a:{b:[1,2]}}")]
    [InlineData("l = [ { a += 1, a += 2 } ]", "{l:[{a:[1,2]}]}")]
    [InlineData("a += 1\na += ${a}\na += 3", "{a:[1,[1],3]}")]
    [InlineData("a += 1\na = ${a} [2]\na += 3", "{a:[1,2,3]}")]
    [InlineData("b = 7\na += ${b}\na += ${?c}", "{b:7,a:[7]}")]
    public void PlusEquals_Appends(string text, string expected) => Assert.Equal(expected, Rendering.Render(text));

    [Theory]
    [InlineData("a = ${HOME}", "{a:'/home/x'}")]
    [InlineData("a = /default\na = ${?HOME}", "{a:'/home/x'}")]
    [InlineData("HOME = here\na = ${HOME}", "{HOME:'here',a:'here'}")]
    [InlineData("HOME = null\na = ${?HOME}", "{HOME:null,a:null}")]
    [InlineData("a = ${EMPTY}x", "{a:'x'}")]
    [InlineData("a = ${FIVE}", "{a:'5'}")]
    public void Environment_AnswersWhatTheTextDoesNot(string text, string expected) => Assert.Equal(expected, Rendering.Render(text, name => name switch
    {
        "HOME" => "/home/x",
        "EMPTY" => string.Empty,
        "FIVE" => "5",
        _ => null,
    }));

    [Theory]
    [InlineData("a = 1\nb = 2\na = ${b}\nb = ${a}")]
    [InlineData("b = 2\na = 1\nb = ${a}\na = ${b}")]
    [InlineData("a = 1\na = ${b}\nb = ${a}")]
    public void Substitution_OfEachOther_GivesBothTheSame(string text)
    {
        // The specification leaves open which value wins, not that both have it.
        HoconRoot root = HoconParser.Parse(text, "test");
        Assert.Equal(root.GetInt("a"), root.GetInt("b"));
    }
}
