using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>A plain table: columns as wide as their widest cell, two spaces between, nothing a script could trip over.</summary>
internal sealed class Table(params string[] headers)
{
    private readonly List<string[]> _rows = [];
    private readonly HashSet<int> _right = [];

    /// <summary>Aligns a column of numbers.</summary>
    public Table AlignRight(params int[] columns)
    {
        _right.UnionWith(columns);
        return this;
    }

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => PathText.EscapeControls(cell.Length == 0 ? "-" : cell))]);

    public void Write(TextWriter output)
    {
        int[] widths = [.. headers.Select((header, column) => _rows.Select(row => TextWidth.Of(row[column])).Append(header.Length).Max())];
        foreach (string[] row in _rows.Prepend(headers))
        {
            var line = new StringBuilder();
            for (int column = 0; column < row.Length; column++)
            {
                line.Append(_right.Contains(column) ? TextWidth.PadLeft(row[column], widths[column]) : TextWidth.PadRight(row[column], widths[column]));
                line.Append("  ");
            }

            output.WriteLine(line.ToString().TrimEnd());
        }
    }
}
