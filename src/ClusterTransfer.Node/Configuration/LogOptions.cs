using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Configuration;

/// <summary>Logging; section <c>log</c>.</summary>
public sealed record LogOptions
{
    /// <summary>The least level that is written. Default information.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;
}
