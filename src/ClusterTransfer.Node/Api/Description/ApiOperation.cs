using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Api.Description;

/// <summary>What one operation of the API takes and answers: the guard holds requests to it, and the OpenAPI document tells it.</summary>
/// <param name="Id">Its name in the document; stable.</param>
/// <param name="Tag">The group it is shown in.</param>
/// <param name="Summary">One line.</param>
internal sealed record ApiOperation(string Id, string Tag, string Summary)
{
    /// <summary>What a user has to know beside the summary; Markdown.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>Whether the request must carry the node's token.</summary>
    public bool NeedsToken { get; init; } = true;

    /// <summary>Whether query parameters that are not listed are left alone instead of refused: probes add their own.</summary>
    public bool LeavesQueryAlone { get; init; }

    /// <summary>What can be given beside the body.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>What the body holds; null where there is none.</summary>
    public ApiBody? Body { get; init; }

    /// <summary>Its answers when all went well.</summary>
    public IReadOnlyList<ApiSuccess> Successes { get; init; } = [];

    /// <summary>The class of the data of its events; null where it has none.</summary>
    public Type? EventType { get; init; }

    /// <summary>Every class of its JSON.</summary>
    public IEnumerable<Type> Types =>
        [.. Successes.Select(success => success.Type).Append(Body?.Type).Append(EventType).OfType<Type>(), typeof(ProblemResource)];

    /// <summary>Its refusals: status, and what it means here.</summary>
    public IReadOnlyList<ApiRefusal> Refusals { get; init; } = [];
}

/// <summary>The JSON body of a request.</summary>
/// <param name="Type">Its class.</param>
/// <param name="Description">What it is.</param>
/// <param name="Examples">By name: one sentence, and the JSON.</param>
internal sealed record ApiBody(Type Type, string Description, IReadOnlyDictionary<string, (string Summary, string Json)> Examples)
{
    /// <summary>Whether a request without it is refused.</summary>
    public bool IsRequired { get; init; } = true;
}

/// <summary>An answer when all went well.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Description">When it comes.</param>
/// <param name="Type">Class of its JSON; null for text.</param>
internal sealed record ApiSuccess(int Status, string Description, Type? Type)
{
    /// <summary>Media type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Headers that it carries.</summary>
    public IReadOnlyList<ApiHeader> Headers { get; init; } = [];

    /// <summary>An example, for text.</summary>
    public string? Example { get; init; }
}

/// <summary>A header of an answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it says.</param>
/// <param name="Example">One value.</param>
internal sealed record ApiHeader(string Name, string Description, string Example);

/// <summary>A problem answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Description">When it comes.</param>
internal sealed record ApiRefusal(int Status, string Description);
