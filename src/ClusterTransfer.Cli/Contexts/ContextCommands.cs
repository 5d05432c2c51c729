using System.CommandLine;
using ClusterTransfer.Cli.Commands;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Cli.Terminal;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Contexts;

/// <summary><c>ct context ls|use|show|rm</c>: no node involved.</summary>
internal sealed class ContextCommands
{
    private readonly CommandTree _tree;

    private ContextCommands(CommandTree tree) => _tree = tree;

    public static void AddTo(RootCommand root, CommandTree tree)
    {
        var commands = new ContextCommands(tree);
        root.Add(tree.Group("context", "Named sets of node, token and defaults of flags.", commands.List(), commands.Use(), commands.Show(), commands.Remove()));
    }

    private Command List() => _tree.Needs(SettingsNeed.AllButContext, _tree.Local(
        "ls",
        "Lists the contexts; the current one has a star.",
        "ct context ls",
        (_, _) =>
        {
            ContextsFile file = Read();
            _tree.Results.Write(ContextResult.List(file, ChosenOf(file)));
            return Task.FromResult(0);
        }));

    private Command Use()
    {
        Argument<string> name = Name();
        return _tree.Offers(_tree.Needs(SettingsNeed.AllButContext, _tree.Local(
            "use",
            "Makes a context the current one.",
            "ct context use lab",
            async (parsed, cancellationToken) =>
            {
                string wanted = parsed.GetRequiredValue(name);
                using ContextsEditor editor = await ContextsEditor.OpenAsync(_tree.Host, cancellationToken);
                ContextEntry found = editor.File.Find(wanted, "argument");
                editor.Use(found.Name);
                editor.Save();
                _tree.Messages.Say($"The context {found.Name} is current now: {found.Node ?? NodeAddress.Default}.");
                if (_tree.Host.Variable(SettingsTable.Context.Variable) is { } variable && variable != wanted)
                {
                    _tree.Messages.Say($"But {SettingsTable.Context.Variable} is '{variable}', which wins.");
                }

                return 0;
            },
            name)));
    }

    private Command Show()
    {
        Argument<string?> name = OptionalName();
        return _tree.Needs(SettingsNeed.AllButContext, _tree.Local(
            "show",
            "Shows what a context says, and where.",
            "ct context show lab",
            (parsed, _) =>
            {
                ContextsFile file = Read();
                string? chosen = ChosenOf(file);
                ContextEntry found = file.Find(
                    parsed.GetValue(name) ?? chosen ?? throw new CliException(Reason.PathNotFound, "No context is current.", "Name one; 'ct context ls' lists them."), "asked for");
                _tree.Results.Write(ContextResult.One(file, found, chosen));
                return Task.FromResult(0);
            },
            name));
    }

    private Command Remove()
    {
        Argument<string> name = Name();
        var yes = new Option<bool>("--yes") { Description = "Do not ask." };
        return _tree.Offers(_tree.Needs(SettingsNeed.AllButContext, _tree.Local(
            "rm",
            "Removes a context, and its token where 'ct login' keeps it.",
            "ct context rm lab --yes",
            async (parsed, cancellationToken) =>
            {
                using ContextsEditor editor = await ContextsEditor.OpenAsync(_tree.Host, cancellationToken);
                ContextEntry found = editor.File.Find(parsed.GetRequiredValue(name), "argument");
                string? kept = LoginCommands.KeptToken(ContextsFolder.Require(_tree.Host), found);
                editor.Remove(found.Name);
                _tree.Messages.Say($"Removes the context {found.Name} ({found.Node ?? NodeAddress.Default}){(kept is null ? string.Empty : $" and its token {kept}")}.");
                if (!parsed.GetValue(yes) && !await ConfirmAsync())
                {
                    _tree.Messages.Say("Nothing was removed.");
                    return Reason.Cancelled.Info().ExitCode;
                }

                editor.Save();
                PrivateFile.Delete(kept);
                return 0;
            },
            name, yes)));
    }

    private Task<bool> ConfirmAsync() => Question.IsPossible(_tree.Host) && !_tree.Messages.AreJson
        ? Question.ConfirmAsync(_tree.Host, "Go on?")
        : throw new CliException(Reason.InvalidRequest, "There is nobody to ask whether that is meant.", "Say --yes.");

    private static Argument<string> Name() => new("NAME") { Description = "The context." };

    private static Argument<string?> OptionalName() => new("NAME") { Description = "The context; default: the current one.", Arity = ArgumentArity.ZeroOrOne };

    // Read before, when there is a place for them at all.
    private ContextsFile Read() => _tree.Settings.Contexts ?? ContextsFile.Missing(ContextsFolder.Require(_tree.Host).File);

    private string? ChosenOf(ContextsFile file) => _tree.Settings.Find(SettingsTable.Context)?.Text is { } name && file.Contexts.ContainsKey(name) ? name : null;
}
