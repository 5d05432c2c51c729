using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>Where contexts and the tokens that <c>ct login</c> keeps are: <c>$XDG_CONFIG_HOME/clustertransfer</c>.</summary>
internal sealed record ContextsFolder(string Path)
{
    public string File => System.IO.Path.Combine(Path, "contexts.conf");

    /// <summary>Where <c>ct login</c> keeps the token of a context that was given no file of its own.</summary>
    public string TokenFileOf(string context) => System.IO.Path.Combine(Path, "tokens", context);

    /// <summary>The folder of this user; null when the environment does not tell it.</summary>
    public static ContextsFolder? Find(CliHost host) =>
        host.Variable("XDG_CONFIG_HOME") is { } config && System.IO.Path.IsPathRooted(config) ? new(System.IO.Path.Combine(config, "clustertransfer"))
        : host.Variable("HOME") is { } home ? new(System.IO.Path.Combine(home, ".config", "clustertransfer"))
        : null;

    /// <exception cref="CliException">The environment does not tell where it is.</exception>
    public static ContextsFolder Require(CliHost host) => Find(host) ?? throw new CliException(
        Reason.InvalidRequest, "There is no place for contexts: neither XDG_CONFIG_HOME nor HOME is set.", "Set HOME to your folder.");
}
