namespace ClusterTransfer.Node.Api.Description;

/// <summary>Where a parameter stands in a request.</summary>
internal enum ApiPlace
{
    /// <summary>In the path.</summary>
    Path,

    /// <summary>Behind the question mark.</summary>
    Query,

    /// <summary>In a header.</summary>
    Header,
}

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="Description">What it means; Markdown.</param>
internal sealed record ApiParameter(string Name, ApiPlace Place, string Description)
{
    /// <summary>JSON type of a value.</summary>
    public string Type { get; init; } = "string";

    /// <summary>Format of a value, such as date-time.</summary>
    public string? Format { get; init; }

    /// <summary>The class whose schema a value has, where it is one of the model's.</summary>
    public Type? ValueType { get; init; }

    /// <summary>Whether several values can be given, repeated or with commas between.</summary>
    public bool IsList { get; init; }

    /// <summary>What counts when it is left out, as JSON.</summary>
    public string? Default { get; init; }

    /// <summary>Least number, or least length of a text.</summary>
    public int? Minimum { get; init; }

    /// <summary>Largest number, or largest length of a text.</summary>
    public int? Maximum { get; init; }

    /// <summary>Regular expression of a text.</summary>
    public string? Pattern { get; init; }

    /// <summary>All values there are.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>One value, as it is written in the request.</summary>
    public required string Example { get; init; }
}
