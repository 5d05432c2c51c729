using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Log lines of the node itself; event ids 7000 to 7099.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(7001, LogLevel.Information, "Node {Node} ({Version}) is up: API on {Api}, data on {Data}, {Role}.")]
    public static partial void NodeUp(this ILogger logger, string node, string version, string api, string data, string role);

    [LoggerMessage(7002, LogLevel.Information, "Node {Node} stops.")]
    public static partial void NodeStops(this ILogger logger, string node);

    [LoggerMessage(7003, LogLevel.Warning, "Location {Location} cannot be used: {Problem}")]
    public static partial void LocationUnusable(this ILogger logger, string location, string problem);

    [LoggerMessage(7004, LogLevel.Information, "Location {Location} serves {Folder} ({Access}).")]
    public static partial void LocationServed(this ILogger logger, string location, string folder, string access);

    [LoggerMessage(7005, LogLevel.Warning, "UNSAFE: {Variable} is set. Data to and from nodes that have it set too is NOT ENCRYPTED and not protected against change. It is for measurements only: unset it and restart.")]
    public static partial void PlainDataAllowed(this ILogger logger, string variable);

    [LoggerMessage(7006, LogLevel.Information, "Location {Location} is written through the page cache, which is slower: {Problem} To end this line, set its write-mode = buffered.")]
    public static partial void LocationBuffered(this ILogger logger, string location, string problem);

    [LoggerMessage(7010, LogLevel.Information, "Connected to the hub.")]
    public static partial void HubConnected(this ILogger logger);

    [LoggerMessage(7011, LogLevel.Warning, "Not connected to the hub: {Problem}")]
    public static partial void HubLost(this ILogger logger, string problem);

    [LoggerMessage(7012, LogLevel.Information, "Bus: {Kind} {Peer}: {Problem}")]
    public static partial void BusEvent(this ILogger logger, string kind, string peer, string problem);

    [LoggerMessage(7013, LogLevel.Warning, "A data connection from {Remote} was refused: {Problem}")]
    public static partial void DataConnectionRefused(this ILogger logger, string remote, string problem);

    [LoggerMessage(7015, LogLevel.Warning, "The system gives no data connections: {Problem} {Count} attempts failed since this was said last; the next is in {Seconds} s. If no file handles are left, raise the limit of the node's process (LimitNOFILE, ulimit -n).")]
    public static partial void DataConnectionsNotGiven(this ILogger logger, string problem, long count, double seconds);

    [LoggerMessage(7016, LogLevel.Information, "The system gives data connections again; {Count} more attempts had failed.")]
    public static partial void DataConnectionsGivenAgain(this ILogger logger, long count);

    [LoggerMessage(7017, LogLevel.Warning, "Node {Node} was not told its limits, and is told again: {Problem}")]
    public static partial void NodeNotLimited(this ILogger logger, string node, string problem);

    [LoggerMessage(7018, LogLevel.Error, "Node {Node} was not told its limits.")]
    public static partial void NodeNotTold(this ILogger logger, string node, Exception error);

    [LoggerMessage(7014, LogLevel.Warning, "A request of node {Node} to the hub failed.")]
    public static partial void HubRequestFailed(this ILogger logger, string node, Exception error);

    [LoggerMessage(7020, LogLevel.Warning, "Actor {Path}: {Message}")]
    public static partial void ActorWarning(this ILogger logger, string path, string message, Exception? error);

    [LoggerMessage(7021, LogLevel.Debug, "Actor {Path}: {Message}")]
    public static partial void ActorDetail(this ILogger logger, string path, string message);
}
