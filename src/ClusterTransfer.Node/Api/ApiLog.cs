using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Api;

/// <summary>Log events of the API: ids 7100 to 7199.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(7100, LogLevel.Error, "{Method} {Path} failed unexpectedly.")]
    public static partial void RequestFailed(this ILogger logger, string method, string path, Exception error);

    [LoggerMessage(7101, LogLevel.Warning, "The event stream of {TransferId} ended early.")]
    public static partial void StreamFailed(this ILogger logger, string transferId, Exception error);

    [LoggerMessage(7102, LogLevel.Information, "The event stream of {TransferId} was cut: its client did not read for {Seconds} s.")]
    public static partial void StreamCut(this ILogger logger, string transferId, double seconds);
}
