using System.CommandLine;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Commands;

/// <summary><c>ct node run</c>.</summary>
internal static class NodeCommand
{
    public static Command Create(CommandTree tree)
    {
        var config = new Option<string>("--config") { Description = "Configuration of the node (HOCON).", HelpName = "FILE", Required = true };
        var set = new Option<string[]>("--set") { Description = "Overrides one key of it; may be repeated.", HelpName = "KEY=VALUE" };
        return tree.Offers(tree.Local(
            "run",
            "Runs a node until it is asked to stop.",
            "ct node run --config beta.conf --set log.level=debug",
            (parsed, cancellationToken) =>
            {
                Dictionary<string, string> overrides = ReadOverrides(parsed.GetValue(set) ?? []);
                string file = Path.GetFullPath(parsed.GetRequiredValue(config), tree.Host.CurrentFolder);
                return tree.Host.RunNode(file, overrides, cancellationToken);
            },
            config, set));
    }

    /// <summary>Reads what <c>--set</c> was given: KEY=VALUE, the last of a key wins.</summary>
    /// <exception cref="CliException">One has another form.</exception>
    public static Dictionary<string, string> ReadOverrides(IEnumerable<string> pairs)
    {
        var overrides = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new CliException(Reason.InvalidRequest, $"--set is '{PathText.Escape(pair)}'.", "Write it as KEY=VALUE, for example log.level=debug.");
            }

            overrides[pair[..equals].Trim()] = pair[(equals + 1)..];
        }

        return overrides;
    }
}
