namespace ClusterTransfer.Node.Configuration;

/// <summary>Where a value comes from, the strongest last.</summary>
public enum ConfigurationSource
{
    /// <summary>Nobody said anything else.</summary>
    Default,

    /// <summary>The file, or one it includes.</summary>
    File,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>The command line.</summary>
    Flag,
}

/// <summary>All there is to know about one key.</summary>
public sealed record ConfiguredKey
{
    /// <summary>Path; without the root section when it is a key of the node, from the root when it is the operator's own.</summary>
    public required string Key { get; init; }

    /// <summary>The value that counts, as a file would say it; what was written when that is invalid; null when there is none.</summary>
    public required string? Value { get; init; }

    /// <summary>Where it comes from.</summary>
    public required ConfigurationSource Source { get; init; }

    /// <summary>Exactly where: <c>file:line:column</c>, or the name of the variable or flag; null for a default.</summary>
    public string? Place { get; init; }

    /// <summary>Value when nobody says anything else; null when it is required, or the operator's own.</summary>
    public string? Default { get; init; }

    /// <summary>Whether there is no default.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What a person writes; null for the operator's own.</summary>
    public string? Unit { get; init; }

    /// <summary>What it may be; null for the operator's own.</summary>
    public string? Range { get; init; }

    /// <summary>The environment variable that sets it; null when there is none.</summary>
    public string? Variable { get; init; }

    /// <summary>Why it is there; empty for the operator's own.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
