using ClusterTransfer.Fuzz.Hocon;

namespace ClusterTransfer.Hocon.Tests;

/// <summary>What is rendered reads back as the same value.</summary>
public sealed class RenderTests
{
    private static readonly HoconRenderOptions[] Forms =
    [
        HoconRenderOptions.Default, HoconRenderOptions.Concise, HoconRenderOptions.Default with { Json = true }, HoconRenderOptions.Default with { Formatted = false },
        HoconRenderOptions.Default with { OriginComments = true },
    ];

    private static readonly HoconRoot Sample = HoconParser.Parse(
        """
        node { name = alpha, "state folder" = "/srv/x y" }
        "a.b" = [1, two, null], empty = {}, none = [], include1 = x, "include" = "null"
        deep = [ { k = [ {} ] }, "" ]
        """,
        "node.conf");

    [Fact]
    public void Render_Default_IsHoconForPeople() => Assert.Equal(
        """
        node {
          name = alpha
          "state folder" = "/srv/x y"
        }
        "a.b" = [1, two, null]
        empty {}
        none = []
        include1 = x
        "include" = "null"
        deep = [
          {
            k = [
              {}
            ]
          }
          ""
        ]

        """,
        Sample.Value.Render());

    [Fact]
    public void Render_Concise_IsJson() => Assert.Equal(
        """{"node":{"name":"alpha","state folder":"/srv/x y"},"a.b":[1,"two",null],"empty":{},"none":[],"include1":"x","include":"null","deep":[{"k":[{}]},""]}""",
        Sample.Value.Render(HoconRenderOptions.Concise));

    [Fact]
    public void Render_OneLineOfHocon() => Assert.Equal(
        """{node{name=alpha,"state folder"="/srv/x y"},"a.b"=[1,two,null],empty{},none=[],include1=x,"include"="null",deep=[{k=[{}]},""]}""",
        Sample.Value.Render(HoconRenderOptions.Default with { Formatted = false }));

    [Fact]
    public void Render_WithOrigins_SaysWhereEachValueWasWritten()
    {
        HoconRoot root = HoconParser.Parse("a { b = 1 }\na.c = [x]\nd = ${a.b}\ne = ${?HOME}", "node.conf", new HoconParserOptions { Environment = _ => "/root" });
        Assert.Equal(
            """
            # node.conf:1:3
            a {
              # node.conf:1:9
              b = 1
              # node.conf:2:7
              c = [
                # node.conf:2:8
                x
              ]
            }
            # node.conf:1:9
            d = 1
            # environment variable HOME
            e = "/root"

            """,
            root.Value.Render(HoconRenderOptions.Default with { OriginComments = true }));
    }

    [Fact]
    public void Render_OriginWithANewLine_StaysAComment()
    {
        HoconRoot root = HoconParser.Parse("a = 1", "x\nb = 2");
        Assert.True(HoconParser.Parse(root.Value.Render(HoconRenderOptions.Default with { OriginComments = true }), "again").Value.IsSameAs(root.Value));
    }

    [Theory]
    [InlineData("\u0000\u001b\u007f\u0085\u2028\ufeff\u202e")]
    [InlineData("\ud800")]
    [InlineData("\udc00\ud83d\ude00")]
    [InlineData("\"\\\"\"\"")]
    [InlineData("${a} // # , ]")]
    [InlineData("true")]
    [InlineData("1e5")]
    [InlineData(" x ")]
    [InlineData("")]
    public void Render_AnyText_ReadsBack(string text)
    {
        HoconObject root = HoconObject.Empty(default).With("k", new HoconScalar(text, isQuoted: true, default)).With(Syntax.PathExpression.Render([text, "inner"]), new HoconScalar(text, isQuoted: true, default));
        foreach (HoconRenderOptions form in Forms)
        {
            string rendered = root.Render(form);
            Assert.True(HoconParser.Parse(rendered, "again").Value.IsSameAs(root), rendered);
            Assert.DoesNotContain('\u001b', rendered);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Render_RandomTrees_ReadBackInEveryForm(int seed)
    {
        var random = new Random(seed);
        int parsed = 0;
        for (int round = 0; round < 1_000; round++)
        {
            string text = new HoconTextMaker(random).Make();
            HoconValue value;
            try
            {
                value = HoconParser.ParseValue(text, "random");
            }
            catch (HoconException)
            {
                continue;
            }

            parsed++;
            foreach (HoconRenderOptions form in Forms)
            {
                string rendered = value.Render(form);
                HoconValue again = HoconParser.ParseValue(rendered, "again");
                Assert.True(again.IsSameAs(value), $"seed {seed}, round {round}, {form}:\n{text}\n---\n{rendered}");
                Assert.Equal(rendered, form.OriginComments ? rendered : again.Render(form));
            }
        }

        Assert.True(parsed > 150, $"Only {parsed} texts were valid.");
    }

    [Fact]
    public void Render_DeepestValue_ReadsBack()
    {
        HoconRoot root = HoconParser.Parse("a = " + new string('[', 63) + new string(']', 63), "deep");
        Assert.All(Forms, form => Assert.True(HoconParser.Parse(root.Value.Render(form), "again").Value.IsSameAs(root.Value)));
    }
}
