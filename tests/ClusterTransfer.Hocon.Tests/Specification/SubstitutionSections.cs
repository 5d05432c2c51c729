namespace ClusterTransfer.Hocon.Tests.Specification;

/// <summary>Sections "Substitutions" to "Examples of self-referential substitutions", and the environment; each test is named after its section.</summary>
public sealed class SubstitutionSections
{
    [Theory]
    [InlineData("a=1,b=${a}", "{'a':1,'b':1}")]
    [InlineData("b=${a},a=1", "{'b':1,'a':1}")]
    [InlineData("a=1,b=${a},a=2", "{'a':2,'b':2}")]
    [InlineData("a{x=1},b=${a},a{y=2}", "{'a':{'x':1,'y':2},'b':{'x':1,'y':2}}")]
    [InlineData("key=${animal.favorite} is my favorite animal,animal.favorite=cat", "{'key':'cat is my favorite animal','animal':{'favorite':'cat'}}")]
    [InlineData("key=${a}' is my favorite',a=cat", "{'key':'cat is my favorite','a':'cat'}")]
    [InlineData("a='${b}'", "{'a':'${b}'}")]
    [InlineData("a='''${b}'''", "{'a':'${b}'}")]
    [InlineData("o{b=${a}},a=1", "{'o':{'b':1},'a':1}")]
    [InlineData("a=null,b=${a},c=${?a}", "{'a':null,'b':null,'c':null}")]
    [InlineData("a=${?b}", "{}")]
    [InlineData("a=1,a=${?b}", "{'a':1}")]
    [InlineData("a=[1,${?b},2]", "{'a':[1,2]}")]
    [InlineData("a=[${?b}]", "{'a':[]}")]
    [InlineData("a=x${?b}y", "{'a':'xy'}")]
    [InlineData("a=${?b}[1]", "{'a':[1]}")]
    [InlineData("a={c:1}${?b}", "{'a':{'c':1}}")]
    [InlineData("a=${?b}${?c}", "{}")]
    [InlineData("a=${?b}x${?c}", "{'a':'x'}")]
    [InlineData("a=[${b},${b}],b=[1]", "{'a':[[1],[1]],'b':[1]}")]
    [InlineData("a=${b.c.d},b.c.d=true", "{'a':true,'b':{'c':{'d':true}}}")]
    [InlineData("a=${b},b=1.50", "{'a':1.50,'b':1.50}")]
    [InlineData("a=${b}.x.${b},b=1", "{'a':'1.x.1','b':1}")]
    [InlineData("a=${b},b=${c},c=${d},d=4", "{'a':4,'b':4,'c':4,'d':4}")]
    [InlineData("a={x=${b}},a.y=${a.x},b=1", "{'a':{'x':1,'y':1},'b':1}")]
    [InlineData("a=${b.x},b=${c},c{x=1}", "{'a':1,'b':{'x':1},'c':{'x':1}}")]
    [InlineData("a=${b.x},b=${?c}{x=2},c{x=1}", "{'a':2,'b':{'x':2},'c':{'x':1}}")]
    [InlineData("a=${?b.x},b=5", "{'b':5}")]
    public void Substitutions(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a=${b}")]
    [InlineData("a=[${b}]")]
    [InlineData("a=x ${b}")]
    [InlineData("a=${b.c},b=1")]
    [InlineData("a=${ ?b}")]
    [InlineData("a=${? b")]
    [InlineData("a=$ {b}")]
    [InlineData("a=${b},b=${?c}")]
    public void Substitutions_Refused(string text) => Spec.Refused(text);

    [Fact]
    public void Substitutions_WithoutValue_AreReportedTogether()
    {
        HoconException error = Spec.Refused("a=${x}\nb=[${y}, ${?z}]\nc=text ${x.y} ${a}\nd=${a}\nd += ${y}");
        Assert.Equal(["x", "y", "x.y", "y"], new[] { error }.Concat(error.More).Select(problem => problem.Key));
        Assert.Equal([1, 2, 3, 5], new[] { error }.Concat(error.More).Select(problem => problem.Origin.Line));
    }

    [Theory]
    [InlineData("path:'a:b:c'\npath:${path}':d'", "{'path':'a:b:c:d'}")]
    [InlineData("a=1\na=${a}bc", "{'a':'1bc'}")]
    [InlineData("a=[1]\na=${a} [2]\na=${a} [3]", "{'a':[1,2,3]}")]
    [InlineData("a{x=1}\na=${a}{y=2}", "{'a':{'x':1,'y':2}}")]
    [InlineData("a=${?a}", "{}")]
    [InlineData("a=[${?a}]", "{'a':[]}")]
    [InlineData("a{b=${?a}}", "{'a':{}}")]
    [InlineData("a=${?b}\nb=${?a}", "{}")]
    [InlineData("a={x:42,y:${a.x}}", "{'a':{'x':42,'y':42}}")]
    [InlineData("a.b=1\na.b=${a.b}2", "{'a':{'b':'12'}}")]
    [InlineData("a=1\nb=${a}\na=${b}2", "{'a':'12','b':1}")]
    [InlineData("a=1\nb=${c}\nc=${a}\na=${b}", "{'a':1,'b':1,'c':1}")]
    [InlineData("a=1\nb{c=5}\nb=${a}\na=${b}", "{'a':1,'b':1}")]
    [InlineData("a=1\na=${?a}x${?a}", "{'a':'1x1'}")]
    [InlineData("a=1\na=${a}\na=2", "{'a':2}")]
    [InlineData("a{b=5}\na=${a}\na{c=6}", "{'a':{'b':5,'c':6}}")]
    [InlineData("a{b{c=5}}\na{x=${a.b}}\na{b=2}", "{'a':{'b':2,'x':2}}")]
    [InlineData("a=[1]\na{b=1,c=${a.b}}", "{'a':{'b':1,'c':1}}")]
    [InlineData("a=1\na=[${?a}]", "{'a':[]}")]
    [InlineData("a=[1]\na=${a}[${a}]", "{'a':[1,[1]]}")]
    [InlineData("base{p=1,q=2}\none=${base}\none.q=3\ntwo.q=${one.q}", "{'base':{'p':1,'q':2},'one':{'p':1,'q':3},'two':{'q':3}}")]
    [InlineData("one.q.r=9\nbase{p=${one.q.r}}\none=${base}\none.q{r=8}\ntwo.q=${one.q}", "{'one':{'q':{'r':8},'p':9},'base':{'p':9},'two':{'q':{'r':8}}}")]
    [InlineData("base{p=${one.q}}\none.q=7\none=${base}\none.q=2\ntwo.q=${one.q}", "{'base':{'p':2},'one':{'q':2,'p':2},'two':{'q':2}}")]
    [InlineData("d{x=[]}\nc=${d}\nc{x=${c.x}[1],x=${c.x}[2]}", "{'d':{'x':[]},'c':{'x':[1,2]}}")]
    [InlineData("r{d.x=[]}\nq=${r}\nq{d{x=[]},c=${q.d},c{x=${q.c.x}[1],x=${q.c.x}[2]}}", "{'r':{'d':{'x':[]}},'q':{'d':{'x':[]},'c':{'x':[1,2]}}}")]
    public void SelfReferentialSubstitutions(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a:${a}")]
    [InlineData("a:${a}bc")]
    [InlineData("path:${path} [/usr/bin]")]
    [InlineData("a:{b:${a}}")]
    [InlineData("a:[${a}]")]
    [InlineData("a:1\na:[${a},2]")]
    [InlineData("a:1\na:{x:${a}}")]
    [InlineData("a:1\na:{x:[{y:${a}}]}")]
    [InlineData("a{b:1}\na:[${a.b}]")]
    [InlineData("a:${b}\nb:${a}")]
    [InlineData("a:${b}\nb:${c}\nc:${a}")]
    [InlineData("a{b=${c}}\nc=${a}")]
    [InlineData("a.b=${a.b}")]
    [InlineData("a=${b}x\nb=y${a}")]
    [InlineData("a=${b.c}\nb{c=${a}}")]
    public void SelfReferentialSubstitutions_Cycles_AreRefused(string text) => Spec.Refused(text, "cycle");

    [Theory]
    [InlineData("a+=b", "{'a':['b']}")]
    [InlineData("a+=1\na+=2\na+=3", "{'a':[1,2,3]}")]
    [InlineData("a=[0]\na+=1", "{'a':[0,1]}")]
    [InlineData("a=[0]\na+=[1,2]", "{'a':[0,[1,2]]}")]
    [InlineData("a+={b:1}", "{'a':[{'b':1}]}")]
    [InlineData("a.b+=1\na{b+=2}", "{'a':{'b':[1,2]}}")]
    [InlineData("a+=x y", "{'a':['x y']}")]
    [InlineData("b=[1],a=${b}\na+=2", "{'b':[1],'a':[1,2]}")]
    [InlineData("a+=1\na=[9]\na+=2", "{'a':[9,2]}")]
    [InlineData("a{0:x}\na+=y", "{'a':['x','y']}")]
    [InlineData("base{l=[1]}\na=${base}\na.l+=2\na.l+=3", "{'base':{'l':[1]},'a':{'l':[1,2,3]}}")]
    [InlineData("base{o{l=[1]}}\na=${base}{x=1}\na{o{l+=2}}", "{'base':{'o':{'l':[1]}},'a':{'o':{'l':[1,2]},'x':1}}")]
    [InlineData("base{l{0=p}}\na=${base}\na.l{1=q}\na.l+=r", "{'base':{'l':{'0':'p'}},'a':{'l':['p','q','r']}}")]
    [InlineData("i=[{a+=1,a+=2},{b{c+=3}}]", "{'i':[{'a':[1,2]},{'b':{'c':[3]}}]}")]
    public void ThePlusEqualsFieldSeparator(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a=1\na+=2")]
    [InlineData("a=null\na+=2")]
    [InlineData("a{b=1}\na+=2")]
    [InlineData("a+={}{}x")]
    public void ThePlusEqualsFieldSeparator_Refused(string text) => Spec.Refused(text);

    [Theory]
    [InlineData("foo:{a:1}\nfoo:${foo}", "{'foo':{'a':1}}")]
    [InlineData("foo:${?foo}", "{}")]
    [InlineData("foo:${does-not-exist}\nfoo:42", "{'foo':42}")]
    [InlineData("foo:${foo}\nfoo:42", "{'foo':42}")]
    [InlineData("foo:${does-not-exist} [1]\nfoo:[42]", "{'foo':[42]}")]
    [InlineData("foo:{a:{c:1}}\nfoo:${foo.a}\nfoo:{a:2}", "{'foo':{'a':2,'c':1}}")]
    [InlineData("bar:{foo:42,baz:${bar.foo}}", "{'bar':{'foo':42,'baz':42}}")]
    [InlineData("bar:{foo:42,baz:${bar.foo}}\nbar:{foo:43}", "{'bar':{'foo':43,'baz':43}}")]
    [InlineData("bar:{a:${foo.d},b:1}\nbar.b=3\nfoo:{c:${bar.b},d:2}\nfoo.d=4", "{'bar':{'a':4,'b':3},'foo':{'c':3,'d':4}}")]
    [InlineData("a=${?a}foo", "{'a':'foo'}")]
    [InlineData("a:1\nb:2\na:${b}\nb:${a}", "{'a':1,'b':1}")]
    [InlineData("a{x=${no}}\na=1", "{'a':1}")]
    public void ExamplesOfSelfReferentialSubstitutions(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("foo:${foo}")]
    [InlineData("foo:${foo}\nfoo:{a:1}")]
    [InlineData("bar:${foo}\nfoo:${bar}")]
    public void ExamplesOfSelfReferentialSubstitutions_Refused(string text) => Spec.Refused(text, "cycle");

    [Theory]
    [InlineData("a=${HOME}", "{'a':'/home/x'}")]
    [InlineData("a=${?HOME}", "{'a':'/home/x'}")]
    [InlineData("a=${?NONE}", "{}")]
    [InlineData("a=${NUMBER}", "{'a':'7'}")]
    [InlineData("a=[${NUMBER}]", "{'a':['7']}")]
    [InlineData("a=${EMPTY}", "{'a':''}")]
    [InlineData("a=x,a=${?EMPTY}", "{'a':''}")]
    [InlineData("HOME=null,a=${HOME}", "{'HOME':null,'a':null}")]
    [InlineData("HOME=/x,a=${HOME}", "{'HOME':'/x','a':'/x'}")]
    [InlineData("a=${HOME}/sub", "{'a':'/home/x/sub'}")]
    [InlineData("a=${with.dot}", "{'a':'dotted'}")]
    [InlineData("a=${'with.dot'}", "{'a':'dotted'}")]
    [InlineData("a=${?home}", "{}")]
    [InlineData("HOME=${?HOME}", "{'HOME':'/home/x'}")]
    public void SubstitutionFallbackToEnvironmentVariables(string text, string json) => Spec.Means(text, json, Environment);

    [Fact]
    public void SubstitutionFallbackToEnvironmentVariables_TypesAreConverted()
    {
        HoconRoot root = HoconParser.Parse("n=${NUMBER}", "spec", new HoconParserOptions { Environment = Environment });
        Assert.Equal(7, root.GetInt("n"));
        Assert.Equal(new HoconOrigin("environment variable NUMBER", 0, 0), root.Value.GetValue("n").Origin);
    }

    private static string? Environment(string name) => name switch
    {
        "HOME" => "/home/x",
        "NUMBER" => "7",
        "EMPTY" => string.Empty,
        "with.dot" => "dotted",
        _ => null,
    };
}
