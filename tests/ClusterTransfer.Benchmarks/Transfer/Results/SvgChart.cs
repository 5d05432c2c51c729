using System.Globalization;
using System.Net;
using System.Text;

namespace ClusterTransfer.Benchmarks.Transfer.Results;

/// <summary>A bar of a chart.</summary>
/// <param name="Label">What stands before it.</param>
/// <param name="Value">Its length; what is not a number has no bar.</param>
/// <param name="Text">What stands behind it.</param>
/// <param name="IsOurs">Drawn in the colour of this project.</param>
internal readonly record struct Bar(string Label, double Value, string Text, bool IsOurs);

/// <summary>Horizontal bars under a title.</summary>
/// <param name="Title">What is compared, and in which unit.</param>
/// <param name="Bars">From above.</param>
internal sealed record SvgPanel(string Title, IReadOnlyList<Bar> Bars);

/// <summary>Panels of horizontal bars, one beneath the other, as a picture in SVG.</summary>
internal static class SvgChart
{
    private const int Width = 860;
    private const int LabelWidth = 150;
    private const int BarWidth = 520;
    private const int RowHeight = 22;
    private const int TitleHeight = 40;
    private const int Margin = 16;

    /// <summary>Draws it.</summary>
    public static string Draw(IReadOnlyList<SvgPanel> panels)
    {
        int height = (2 * Margin) + panels.Sum(panel => TitleHeight + (panel.Bars.Count * RowHeight));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" font-family="sans-serif" font-size="13">
            <rect width="100%" height="100%" fill="#ffffff"/>

            """);
        int top = Margin;
        foreach (SvgPanel panel in panels)
        {
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"{top + 22}\" font-weight=\"bold\" fill=\"#222222\">{Escape(panel.Title)}</text>\n");
            top += TitleHeight;
            double longest = panel.Bars.Where(bar => double.IsFinite(bar.Value)).Select(bar => bar.Value).DefaultIfEmpty(0).Max();
            foreach (Bar bar in panel.Bars)
            {
                Draw(text, bar, top, longest);
                top += RowHeight;
            }
        }

        return text.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder text, Bar bar, int top, double longest)
    {
        double width = double.IsFinite(bar.Value) && longest > 0 ? Math.Max(0, bar.Value / longest * BarWidth) : 0;
        string colour = bar.IsOurs ? "#1a7f5a" : "#9aa5b1";
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{LabelWidth}\" y=\"{top + 14}\" text-anchor=\"end\" fill=\"#222222\">{Escape(bar.Label)}</text>\n");
        text.Append(CultureInfo.InvariantCulture, $"<rect x=\"{LabelWidth + 8}\" y=\"{top + 2}\" width=\"{width:0.#}\" height=\"{RowHeight - 6}\" fill=\"{colour}\"/>\n");
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"{LabelWidth + 14 + width:0.#}\" y=\"{top + 14}\" fill=\"#222222\">{Escape(bar.Text)}</text>\n");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(new string([.. text.Where(letter => !char.IsControl(letter))]));
}
