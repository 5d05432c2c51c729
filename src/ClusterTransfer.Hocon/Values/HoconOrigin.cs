namespace ClusterTransfer.Hocon;

/// <summary>Where a value was written.</summary>
/// <param name="File">The file as it was named to the parser, or what else the text came from.</param>
/// <param name="Line">Line from 1; 0 when the value was not written in a text, such as an environment variable.</param>
/// <param name="Column">Column in UTF-16 units from 1; 0 when there is no line.</param>
public readonly record struct HoconOrigin(string File, int Line, int Column)
{
    /// <summary><c>file:line:column</c>, the form editors jump to; only the file when there is no line.</summary>
    public override string ToString() => Line == 0 ? File ?? string.Empty : $"{File}:{Line}:{Column}";
}
