namespace ClusterTransfer.Transport.Identity;

/// <summary>How long what the cluster's authority signs is valid.</summary>
public sealed record AuthorityOptions
{
    /// <summary>Validity of the authority itself. Default 10 years: replacing it touches every node.</summary>
    public TimeSpan AuthorityValidity { get; init; } = TimeSpan.FromDays(3650);

    /// <summary>Validity of a node certificate. Default 825 days; never beyond the authority's own end.</summary>
    public TimeSpan NodeValidity { get; init; } = TimeSpan.FromDays(825);

    /// <summary>How far validity starts in the past. Default 5 minutes: clocks of nodes may differ by that much.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(5);
}
