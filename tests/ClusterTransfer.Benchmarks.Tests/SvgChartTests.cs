using System.Globalization;
using System.Xml.Linq;
using ClusterTransfer.Benchmarks.Transfer.Results;

namespace ClusterTransfer.Benchmarks.Tests;

public sealed class SvgChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Bars_AreAsLongAsTheirValues()
    {
        double[] widths = Widths(new Bar("a", 200, "200", true), new Bar("b", 50, "50", false), new Bar("c", 0, "0", false));

        Assert.Equal(widths[0], 4 * widths[1], tolerance: 0.5);
        Assert.Equal(0, widths[2]);
        Assert.True(widths[0] > 100);
    }

    [Fact]
    public void Bar_WithoutAValue_HasNoLength() => Assert.Equal([0, 0], Widths(new Bar("a", double.NaN, "", true), new Bar("b", 0, "", true)));

    [Fact]
    public void Text_IsEscaped()
    {
        XDocument picture = XDocument.Parse(SvgChart.Draw([new SvgPanel("a < b & \"c\"\u0001", [new Bar("<x>", 1, "1", true)])]));

        Assert.Equal(["a < b & \"c\"", "<x>", "1"], picture.Descendants(Svg + "text").Select(text => text.Value));
    }

    [Fact]
    public void Panels_DoNotOverlap()
    {
        XDocument picture = XDocument.Parse(SvgChart.Draw([new SvgPanel("one", [new Bar("a", 1, "", true), new Bar("b", 1, "", true)]), new SvgPanel("two", [new Bar("c", 1, "", true)])]));

        double[] tops = [.. picture.Descendants(Svg + "text").Where(text => text.Value.Length > 0).Select(text => Number(text, "y"))];
        Assert.Equal(tops.Order(), tops);
        Assert.Equal(tops.Distinct().Count(), tops.Length);
        Assert.True(tops[^1] < Number(picture.Root!, "height"));
    }

    private static double[] Widths(params Bar[] bars) =>
        [.. XDocument.Parse(SvgChart.Draw([new SvgPanel("t", bars)])).Descendants(Svg + "rect").Skip(1).Select(bar => Number(bar, "width"))];

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
