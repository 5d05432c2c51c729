namespace ClusterTransfer.Cli.Output;

/// <summary>A column of a table of <typeparamref name="T"/>.</summary>
/// <param name="Header">Its title.</param>
/// <param name="Cell">What it shows of an item.</param>
/// <param name="IsNumber">Whether it is aligned to the right.</param>
/// <param name="IsWide">Whether only <c>-o wide</c> has it.</param>
internal sealed record Column<T>(string Header, Func<T, string> Cell, bool IsNumber = false, bool IsWide = false)
{
    /// <summary>Prints the items below the headers.</summary>
    public static void Write(TextWriter output, IEnumerable<T> items, IEnumerable<Column<T>> columns, bool isWide)
    {
        Column<T>[] shown = [.. columns.Where(column => isWide || !column.IsWide)];
        Table table = new Table([.. shown.Select(column => column.Header)])
            .AlignRight([.. Enumerable.Range(0, shown.Length).Where(index => shown[index].IsNumber)]);
        foreach (T item in items)
        {
            table.Add([.. shown.Select(column => column.Cell(item))]);
        }

        table.Write(output);
    }
}
