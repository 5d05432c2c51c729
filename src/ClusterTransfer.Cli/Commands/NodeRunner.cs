namespace ClusterTransfer.Cli.Commands;

/// <summary>Runs a node until the token fires.</summary>
/// <param name="configFile">HOCON file.</param>
/// <param name="overrides">Keys given with <c>--set</c>; they win over the file.</param>
/// <param name="cancellationToken">Stops the node gracefully.</param>
/// <returns>The process's exit code.</returns>
internal delegate Task<int> NodeRunner(string configFile, IReadOnlyDictionary<string, string> overrides, CancellationToken cancellationToken);

/// <summary>The runner that is built in.</summary>
internal static class NodeRunners
{
    /// <summary>The node of this build. Only this method touches the node's assemblies, so client commands never load them.</summary>
    public static Task<int> OfThisBuild(string configFile, IReadOnlyDictionary<string, string> overrides, CancellationToken cancellationToken) =>
        Node.Hosting.NodeProgram.RunAsync(configFile, overrides, Console.Error, cancellationToken);
}
