namespace ClusterTransfer.Cli.Output;

/// <summary>How a result is printed on standard output: <c>-o</c>.</summary>
internal enum OutputFormat
{
    /// <summary>For people: a table, or the details of one thing.</summary>
    Table,

    /// <summary>The same with everything that is known.</summary>
    Wide,

    /// <summary>One indented JSON document.</summary>
    Json,

    /// <summary>One JSON resource a line, and a summary as the last line.</summary>
    Jsonl,

    /// <summary>The JSON document as YAML 1.2.</summary>
    Yaml,

    /// <summary>Ids or names only, one a line.</summary>
    Name,
}
