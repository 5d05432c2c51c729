using ClusterTransfer.Cli.Contexts;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Commands;

/// <summary>Which node is asked with which token: flag before environment before context before default.</summary>
internal static class ClientSettings
{
    /// <summary>The variable that holds a token itself.</summary>
    public const string TokenVariable = "CT_TOKEN";

    /// <summary>A client of the node that was named.</summary>
    /// <exception cref="CliException">The address or the token is none.</exception>
    public static ClusterTransferClient Connect(CliHost host, ResolvedSettings settings) =>
        new(new ClientOptions { Address = NodeOf(settings), Token = TokenOf(host, settings)?.Text, TimeProvider = host.Time });

    /// <summary>Says so when a context was asked for by its name and a variable names another node: the variable wins, which nobody may have meant.</summary>
    public static void WarnOfDisagreement(Messages messages, ResolvedSettings settings)
    {
        if (settings.Find(SettingsTable.Context) is { Source: SettingSource.Flag } named
            && settings.Find(SettingsTable.Node) is { Source: SettingSource.Environment } node
            && settings.Context?.Node is { } own && own != node.Text)
        {
            messages.Say($"Asking {node.Text}, as {node.Place} says, and not {own} of the context {named.Text}: a variable wins over a context.");
        }
    }

    /// <summary>The node that is asked.</summary>
    /// <exception cref="CliException">What was typed is no address.</exception>
    public static Uri NodeOf(ResolvedSettings settings)
    {
        string text = settings.Find(SettingsTable.Node)?.Text ?? NodeAddress.Default;
        return NodeAddress.TryParse(text, out Uri? address)
            ? address
            : throw new CliException(Reason.InvalidRequest, $"'{PathText.Escape(text)}' is not the address of a node.", $"Write it as {NodeAddress.Default}.");
    }

    /// <summary>The token that is shown to the node; null when there is none: the node says best what is missing then.</summary>
    /// <exception cref="CliException">There should be one and it cannot be had, or others can read its file.</exception>
    public static Token? TokenOf(CliHost host, ResolvedSettings settings)
    {
        SettingValue? file = settings.Find(SettingsTable.TokenFile);
        if (file is { Source: SettingSource.Flag })
        {
            return TokenFile.Read(Path.GetFullPath(file.Text, host.CurrentFolder), file.Place);
        }

        if (host.Variable(TokenVariable) is { } token)
        {
            return Token.Of(token, TokenVariable);
        }

        if (file is { Source: SettingSource.Environment } || (file is { Source: SettingSource.Context } && AsksContextsNode(settings)))
        {
            return TokenFile.Read(file.Text, file.Place);
        }

        // Where a node that was told nothing else keeps it.
        return StandardTokenFile(host) is { } standard && File.Exists(standard) ? TokenFile.Read(standard, "default") : null;
    }

    // A context's token is for the context's node. Whoever names another one by flag or variable must not send it there.
    private static bool AsksContextsNode(ResolvedSettings settings)
    {
        string contexts = settings.Contexts?.ValueOf(SettingsTable.Node, settings.Context)?.Text ?? NodeAddress.Default;
        return NodeAddress.TryParse(contexts, out Uri? own) && NodeOf(settings) == own;
    }

    private static string? StandardTokenFile(CliHost host)
    {
        string? state = host.Variable("XDG_STATE_HOME") ?? (host.Variable("HOME") is { } home ? Path.Combine(home, ".local", "state") : null);
        return state is null ? null : Path.Combine(state, "clustertransfer", "api-token");
    }
}
