namespace ClusterTransfer.Hocon.Tests.Specification;

/// <summary>Sections "Unchanged from JSON" to "Multi-line strings"; each test is named after its section.</summary>
public sealed class SyntaxSections
{
    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("[]", "[]")]
    [InlineData("[1,'two',{'three':3}]", "[1,'two',{'three':3}]")]
    [InlineData("{'a':null,'b':true,'c':false}", "{'a':null,'b':true,'c':false}")]
    [InlineData("{'a':-0.5e-10}", "{'a':-0.5e-10}")]
    [InlineData("{'a':0,'b':-0,'c':1E+9}", "{'a':0,'b':-0,'c':1E+9}")]
    [InlineData("{'\\u0061\\t':'\\\\ \\/ \\\"'}", "{'a\\t':'\\\\ / \\\"'}")]
    [InlineData("{'':''}", "{'':''}")]
    [InlineData("{'a':NaN}", "{'a':'NaN'}")]
    [InlineData("{'a':[[],[[]],{}]}", "{'a':[[],[[]],{}]}")]
    public void UnchangedFromJson(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("{'a':'x\\q'}")]
    [InlineData("{'a':'line\nbreak'}")]
    [InlineData("{'a':'tab\u0007'}")]
    [InlineData("{'a':'\\u12'}")]
    [InlineData("{'a':'open}")]
    public void UnchangedFromJson_Refused(string text) => Spec.Refused(text);

    [Theory]
    [InlineData("// all\n# comment", "{}")]
    [InlineData("a=1#x", "{'a':1}")]
    [InlineData("a=1//x", "{'a':1}")]
    [InlineData("a=x #y # z\nb=2", "{'a':'x','b':2}")]
    [InlineData("a=[1 # }\n,2]", "{'a':[1,2]}")]
    [InlineData("a# ignored\n=1", "{'a':1}")]
    [InlineData("a={ // {\n}", "{'a':{}}")]
    [InlineData("a='#',b='//'", "{'a':'#','b':'//'}")]
    [InlineData("a='''# no // comment'''", "{'a':'# no // comment'}")]
    [InlineData("a=x/y", "{'a':'x/y'}")]
    public void Comments(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("", "{}")]
    [InlineData(" \n ", "{}")]
    [InlineData("a:1", "{'a':1}")]
    [InlineData("'a':1,\n'b':2", "{'a':1,'b':2}")]
    [InlineData("\n\n{a:1}\n\n", "{'a':1}")]
    [InlineData("[a]", "['a']")]
    [InlineData("\n # list\n [a,b]\n", "['a','b']")]
    public void OmitRootBraces(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a:1}")]
    [InlineData("{a:1")]
    [InlineData("{a:1}}")]
    [InlineData("[1")]
    [InlineData("[1]]")]
    [InlineData("[1] [2]")]
    [InlineData("{a:1}{b:2}")]
    [InlineData("'text'")]
    [InlineData("42")]
    public void OmitRootBraces_Refused(string text) => Spec.Refused(text);

    [Theory]
    [InlineData("a=1,b:2", "{'a':1,'b':2}")]
    [InlineData("'foo' {}", "{'foo':{}}")]
    [InlineData("foo{}", "{'foo':{}}")]
    [InlineData("foo:{}", "{'foo':{}}")]
    [InlineData("foo={}", "{'foo':{}}")]
    [InlineData("a : \n 1", "{'a':1}")]
    [InlineData("a.b {c=1}", "{'a':{'b':{'c':1}}}")]
    public void KeyValueSeparator(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a [1]")]
    [InlineData("a 'x'")]
    [InlineData("a == 1")]
    [InlineData("a := 1")]
    [InlineData("a + = 1")]
    public void KeyValueSeparator_Refused(string text) => Spec.Refused(text);

    [Theory]
    [InlineData("[1,2,3,]", "[1,2,3]")]
    [InlineData("[1\n2\n3]", "[1,2,3]")]
    [InlineData("[1\n\n\n2\n]", "[1,2]")]
    [InlineData("[\n1,\n2,\n]", "[1,2]")]
    [InlineData("{a:1\nb:2}", "{'a':1,'b':2}")]
    [InlineData("{a:1,b:2,}", "{'a':1,'b':2}")]
    [InlineData("{a:{},\n\n b:[]\n}", "{'a':{},'b':[]}")]
    [InlineData("[{}\n{}]", "[{},{}]")]
    [InlineData("[1 # one\n2]", "[1,2]")]
    public void Commas(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("[1,2,3,,]")]
    [InlineData("[,1,2,3]")]
    [InlineData("[1,,2,3]")]
    [InlineData("[,]")]
    [InlineData("[1\n,\n,2]")]
    [InlineData("{a:1,,}")]
    [InlineData("{,a:1}")]
    [InlineData("{a:1,,b:2}")]
    [InlineData("{,}")]
    [InlineData(",a:1")]
    [InlineData("{a:{} b:{}}")]
    public void Commas_Refused(string text) => Spec.Refused(text);

    [Theory]
    [InlineData('\u0020')]
    [InlineData('\u00A0')]
    [InlineData('\u1680')]
    [InlineData('\u2000')]
    [InlineData('\u2007')]
    [InlineData('\u200A')]
    [InlineData('\u202F')]
    [InlineData('\u205F')]
    [InlineData('\u3000')]
    [InlineData('\u2028')]
    [InlineData('\u2029')]
    [InlineData('\uFEFF')]
    [InlineData('\t')]
    [InlineData('\v')]
    [InlineData('\f')]
    [InlineData('\r')]
    [InlineData('\u001C')]
    [InlineData('\u001D')]
    [InlineData('\u001E')]
    [InlineData('\u001F')]
    public void Whitespace(char space)
    {
        Spec.Means($"{space}a{space}={space}1{space}\n{space}", "{'a':1}");

        // Only the ASCII newline ends a line: any other space joins what it separates.
        Assert.Equal($"1{space}2", HoconParser.Parse($"a = [1{space}2]", "spec").Value.GetArray("a").Items.Cast<HoconScalar>().Single().Text);
    }

    [Theory]
    [InlineData('\u0085')]
    [InlineData('\u180E')]
    [InlineData('\u200B')]
    [InlineData('\u2060')]
    [InlineData('\u0000')]
    public void Whitespace_OtherCharacters_AreText(char other) => Assert.Equal($"x{other}", HoconParser.Parse($"a = x{other}", "spec").GetString("a"));

    [Theory]
    [InlineData("{foo:{a:42},foo:{b:43}}", "{'foo':{'a':42,'b':43}}")]
    [InlineData("{foo:{a:42},foo:null,foo:{b:43}}", "{'foo':{'b':43}}")]
    [InlineData("{foo:{a:42},foo:[1],foo:{b:43}}", "{'foo':{'b':43}}")]
    [InlineData("foo:1,foo:2,foo:3", "{'foo':3}")]
    [InlineData("foo:[1,2],foo:[3]", "{'foo':[3]}")]
    [InlineData("foo:{a:1},foo:2", "{'foo':2}")]
    [InlineData("foo:2,foo:{a:1}", "{'foo':{'a':1}}")]
    [InlineData("a{b{c:1,d:1}},a{b{d:2,e:2}}", "{'a':{'b':{'c':1,'d':2,'e':2}}}")]
    [InlineData("a{b:{x:1}},a{b:5},a{b:{y:2}}", "{'a':{'b':{'y':2}}}")]
    [InlineData("foo:{a:1},foo:{a:null}", "{'foo':{'a':null}}")]
    [InlineData("'a':1,a:2", "{'a':2}")]
    public void DuplicateKeysAndObjectMerging(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a:truefoo", "{'a':'truefoo'}")]
    [InlineData("a:footrue", "{'a':'footrue'}")]
    [InlineData("a:10.0bar", "{'a':'10.0bar'}")]
    [InlineData("a:bar10.0", "{'a':'bar10.0'}")]
    [InlineData("a:nullx", "{'a':'nullx'}")]
    [InlineData("a:1x2", "{'a':'1x2'}")]
    [InlineData("a:-", "{'a':'-'}")]
    [InlineData("a:01", "{'a':'01'}")]
    [InlineData("a:1.", "{'a':'1.'}")]
    [InlineData("a:1e5", "{'a':1e5}")]
    [InlineData("a:10e+3", "{'a':10e+3}")]
    [InlineData("a:10e+3x", "{'a':'10e+3x'}")]
    [InlineData("a:10e+3e", null)]
    [InlineData("a:e+3", null)]
    [InlineData("a:c:\\\\x", null)]
    [InlineData("a:TRUE", "{'a':'TRUE'}")]
    [InlineData("a:a/b-c_d.e;f|g<h>i(j)k%l~m'", null)]
    [InlineData("a:a/b-c_d.e;f|g<h>i(j)k%l~m", "{'a':'a/b-c_d.e;f|g<h>i(j)k%l~m'}")]
    public void UnquotedStrings(string text, string? json)
    {
        if (json is null)
        {
            Spec.Refused(text);
        }
        else
        {
            Spec.Means(text, json);
        }
    }

    [Theory]
    [InlineData('$')]
    [InlineData('+')]
    [InlineData('`')]
    [InlineData('^')]
    [InlineData('?')]
    [InlineData('!')]
    [InlineData('@')]
    [InlineData('*')]
    [InlineData('&')]
    [InlineData('\\')]
    [InlineData(':')]
    [InlineData('=')]
    [InlineData(']')]
    [InlineData('}')]
    public void UnquotedStrings_ForbiddenCharacter_IsRefused(char forbidden) => Spec.Refused($"a = x{forbidden}y");

    [Theory]
    [InlineData("a='''x'''", "{'a':'x'}")]
    [InlineData("a=''''''", "{'a':''}")]
    [InlineData("a='''foo''''", "{'a':'foo\\\"'}")]
    [InlineData("a='''foo''''''''", "{'a':'foo\\\"\\\"\\\"\\\"\\\"'}")]
    [InlineData("a=''''foo'''", "{'a':'\\\"foo'}")]
    [InlineData("a='''x''y'''", "{'a':'x\\\"\\\"y'}")]
    [InlineData("a='''\n x\n'''", "{'a':'\\n x\\n'}")]
    [InlineData("a='''\\n\\u0041'''", "{'a':'\\\\n\\\\u0041'}")]
    [InlineData("a='''x''' y", "{'a':'x y'}")]
    [InlineData("'''a b''' = 1", "{'a b':1}")]
    [InlineData("a=['''x\ny''',2]", "{'a':['x\\ny',2]}")]
    public void MultiLineStrings(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a='''x")]
    [InlineData("a='''x''")]
    public void MultiLineStrings_Refused(string text) => Spec.Refused(text);
}
