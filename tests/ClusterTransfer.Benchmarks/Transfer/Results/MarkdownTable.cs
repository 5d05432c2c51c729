using System.Text;

namespace ClusterTransfer.Benchmarks.Transfer.Results;

/// <summary>A table in Markdown.</summary>
internal sealed class MarkdownTable
{
    private readonly List<IReadOnlyList<string>> _rows = [];
    private readonly IReadOnlyList<string> _headings;

    /// <summary>Begins it.</summary>
    /// <param name="headings">One for each column; a column whose heading begins with <c>&gt;</c> holds numbers and is set to the right.</param>
    public MarkdownTable(params IReadOnlyList<string> headings) => _headings = headings;

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">It has not one cell for each column.</exception>
    public MarkdownTable Add(params IReadOnlyList<string> cells)
    {
        if (cells.Count != _headings.Count)
        {
            throw new ArgumentException($"The table has {_headings.Count} columns, the row {cells.Count}.", nameof(cells));
        }

        _rows.Add([.. cells.Select(Escape)]);
        return this;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Line(text, _headings.Select(heading => heading.TrimStart('>')));
        text.Append('|').AppendJoin('|', _headings.Select(heading => heading.StartsWith('>') ? "---:" : "---")).Append("|\n");
        foreach (IReadOnlyList<string> row in _rows)
        {
            Line(text, row);
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    // What a tool wrote may hold anything.
    private static string Escape(string cell) =>
        new([.. cell.Replace("|", "\\|", StringComparison.Ordinal).Select(letter => char.IsControl(letter) ? ' ' : letter)]);
}
