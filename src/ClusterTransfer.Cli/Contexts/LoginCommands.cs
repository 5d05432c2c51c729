using System.CommandLine;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Contexts;

/// <summary><c>ct login</c>: checks a token against its node and keeps it in a context; <c>ct logout</c> takes it away.</summary>
internal sealed class LoginCommands
{
    private const string FirstName = "default";

    private readonly CommandTree _tree;
    private readonly Option<bool> _stdin = new("--token-stdin") { Description = "Read the token from standard input." };
    private readonly Argument<string?> _name = new("NAME")
    {
        Description = "The context; default: the current one, or 'default' when there is none.", Arity = ArgumentArity.ZeroOrOne,
    };

    private LoginCommands(CommandTree tree) => _tree = tree;

    public static void AddTo(RootCommand root, CommandTree tree)
    {
        root.Add(new LoginCommands(tree).Login());
        root.Add(new LoginCommands(tree).Logout());
    }

    /// <summary>The file in which 'ct login' keeps the token of a context; null when it keeps none.</summary>
    public static string? KeptToken(ContextsFolder folder, ContextEntry context) =>
        context.TokenFile?.FullPath is { } file && file == folder.TokenFileOf(context.Name) && File.Exists(file) ? file : null;

    private Command Login() => _tree.OffersNoNames(_tree.Needs(SettingsNeed.AllButContext, _tree.Local(
        "login",
        "Checks a token against its node, keeps it in a context and makes that the current one. The token is asked for, or comes from a file, standard input or CT_TOKEN.",
        "ct login lab --node http://127.0.0.1:7400\nct login lab --node http://127.0.0.1:7400 --token-file ~/lab.token\npass show lab | ct login lab --token-stdin",
        (parsed, cancellationToken) => LoginAsync(NameOf(parsed), parsed.GetValue(_stdin), cancellationToken),
        _name, _stdin)));

    private Command Logout() => _tree.Offers(_tree.Needs(SettingsNeed.AllButContext, _tree.Local(
        "logout",
        "Takes the token out of a context and deletes it where 'ct login' keeps it.",
        "ct logout lab",
        async (parsed, cancellationToken) =>
        {
            string name = NameOf(parsed);
            using ContextsEditor editor = await ContextsEditor.OpenAsync(_tree.Host, cancellationToken);
            ContextEntry context = editor.File.Find(name, "asked for");
            if (context.TokenFile is not { } file)
            {
                _tree.Messages.Say($"The context {name} has no token.");
                return 0;
            }

            string? kept = KeptToken(ContextsFolder.Require(_tree.Host), context);
            editor.Set(name, (SettingsTable.TokenFile, null));
            editor.Save();
            PrivateFile.Delete(kept);
            _tree.Messages.Say(kept is null
                ? $"The context {name} no longer uses {file.FullPath}, which stays: ct did not make it."
                : $"The token of the context {name} is deleted here. The node still takes it.");
            return 0;
        },
        _name)));

    private string NameOf(ParseResult parsed)
    {
        string name = parsed.GetValue(_name) ?? _tree.Settings.Find(SettingsTable.Context)?.Text ?? FirstName;
        return ContextEntry.IsName(name)
            ? name
            : throw new CliException(Reason.InvalidRequest, $"'{PathText.Escape(name)}' cannot name a context.", $"Want {ContextEntry.NameWanted}.");
    }

    private async Task<int> LoginAsync(string name, bool fromStdin, CancellationToken cancellationToken)
    {
        ContextsFolder folder = ContextsFolder.Require(_tree.Host);
        Uri node = NodeOf(name);
        (Token token, string? file) = await TokenAsync(node, fromStdin);
        if (node.Scheme == Uri.UriSchemeHttp && !node.IsLoopback)
        {
            _tree.Messages.Say($"Whoever is between here and {node.Authority} can read the token: the address is not https.");
        }

        (VersionResource version, IReadOnlyList<NodeResource> nodes) = await AskAsync(node, token, cancellationToken);

        using ContextsEditor editor = await ContextsEditor.OpenAsync(_tree.Host, cancellationToken);
        string? before = editor.File.Contexts.TryGetValue(name, out ContextEntry? known) ? KeptToken(folder, known) : null;
        string kept = file ?? folder.TokenFileOf(name);
        editor.Set(name, (SettingsTable.Node, node.GetLeftPart(UriPartial.Authority)), (SettingsTable.TokenFile, kept));
        editor.Use(name);
        if (file is null)
        {
            PrivateFile.Replace(kept, token.Text + "\n");
        }

        editor.Save();
        PrivateFile.Delete(before == kept ? null : before);
        _tree.Results.Write(LoginResult.Of(name, node, kept, version, nodes));
        return 0;
    }

    // Flag and variable name it; else the context itself does, not the one that is current.
    private Uri NodeOf(string name)
    {
        string text = _tree.Settings.Find(SettingsTable.Node) is { Source: SettingSource.Flag or SettingSource.Environment } said ? said.Text
            : _tree.Settings.Contexts?.Contexts.GetValueOrDefault(name)?.Node ?? NodeAddress.Default;
        return NodeAddress.TryParse(text, out Uri? address)
            ? address
            : throw new CliException(Reason.InvalidRequest, $"'{PathText.Escape(text)}' is not the address of a node.", $"Write it as {NodeAddress.Default}.");
    }

    // With the file that the context shall name; null when ct is to keep the token itself.
    private async Task<(Token Token, string? File)> TokenAsync(Uri node, bool fromStdin)
    {
        CliHost host = _tree.Host;
        SettingValue? file = _tree.Settings.Find(SettingsTable.TokenFile);
        if (fromStdin)
        {
            return file is { Source: SettingSource.Flag }
                ? throw new CliException(Reason.InvalidRequest, "Two tokens are given: --token-stdin and --token-file.", "Give one of them.")
                : (Token.Of(ReadInput(host), "Standard input"), null);
        }

        if (file is { Source: SettingSource.Flag } || (file is { Source: SettingSource.Environment } && host.Variable(ClientSettings.TokenVariable) is null))
        {
            string path = Path.GetFullPath(file.Text, host.CurrentFolder);
            Token token = TokenFile.Read(path, file.Place);
            return (token, TokenFile.IsLasting(path) ? path : null);
        }

        if (host.Variable(ClientSettings.TokenVariable) is { } variable)
        {
            return (Token.Of(variable, ClientSettings.TokenVariable), null);
        }

        if (!Question.IsPossible(host) || _tree.Messages.AreJson)
        {
            throw new CliException(Reason.NotAuthenticated, "No token was given, and there is nobody to ask.", "Use --token-file, --token-stdin or CT_TOKEN.");
        }

        string? typed = await Question.SecretAsync(host, PathText.EscapeControls($"Token of {node.GetLeftPart(UriPartial.Authority)} (not shown): "));
        return (Token.Of(typed ?? string.Empty, "What was typed"), null);
    }

    private static string ReadInput(CliHost host)
    {
        char[] text = new char[TokenFile.MaxBytes + 1];
        int length = host.In.ReadBlock(text, 0, text.Length);
        return length > TokenFile.MaxBytes ? string.Empty : new string(text, 0, length);
    }

    private async Task<(VersionResource Version, IReadOnlyList<NodeResource> Nodes)> AskAsync(Uri node, Token token, CancellationToken cancellationToken)
    {
        await using var client = new ClusterTransferClient(new ClientOptions { Address = node, Token = token.Text, TimeProvider = _tree.Host.Time });
        VersionResource version = await client.VersionAsync(cancellationToken);
        return (version, await client.NodesAsync(cancellationToken));
    }
}
