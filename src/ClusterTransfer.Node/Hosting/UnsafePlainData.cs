namespace ClusterTransfer.Node.Hosting;

/// <summary>The one way to data that is not encrypted: a variable of the environment, at both nodes. For measurements; no configuration file can ask for it.</summary>
internal static class UnsafePlainData
{
    /// <summary>Set to 1 it lets this node send and take plain data, from peers that have it too.</summary>
    public const string Variable = "CLUSTERTRANSFER_UNSAFE_PLAIN_DATA";

    /// <summary>Whether it is set in this environment.</summary>
    public static bool IsAllowed(Func<string, string?> environment) => environment(Variable) == "1";
}
