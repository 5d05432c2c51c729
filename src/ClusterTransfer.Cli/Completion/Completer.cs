using System.CommandLine;
using System.CommandLine.Completions;
using System.Runtime.CompilerServices;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Node.Configuration;

namespace ClusterTransfer.Cli.Completion;

/// <summary>Finds what may stand at the cursor.</summary>
internal sealed class Completer(LiveNames live, SettingsLookup lookup)
{
    /// <summary>The words that fit what is written of the current one, each once.</summary>
    public async Task<IReadOnlyList<Candidate>> FindAsync(CompletionPlace place)
    {
        IEnumerable<Candidate> all =
            place.IsFlag ? place.Flags.Select(option => new Candidate(option.Name, option.Description))
            : place.Symbol is Option option ? await ValuesOfAsync(option, place)
            : place.Symbol is Argument argument ? await ValuesOfAsync(argument, place)
            : !place.IsVerb ? []
            : place.Command.Subcommands.Where(verb => !verb.Hidden).Select(verb => new Candidate(verb.Name, verb.Description));
        return [.. all
            .Where(candidate => candidate == Candidate.Files || candidate == Candidate.Folders || candidate.Text.StartsWith(place.Word, StringComparison.Ordinal))
            .Select(candidate => candidate.Text.StartsWith(':') ? candidate : candidate with { Text = place.Lead + candidate.Text })
            .DistinctBy(candidate => candidate.Text)];
    }

    private async Task<IEnumerable<Candidate>> ValuesOfAsync(Option option, CompletionPlace place)
    {
        switch (option.Name)
        {
            case "--context":
                return Contexts();
            case "--node":
                return Addresses();
            default:
                SettingKind kind = SettingsTable.OfOption(place.Command, option)?.Kind ?? SettingKind.Of(option);
                return kind == SettingKind.Location ? (await live.LocationsAsync()).Select(location => location with { Text = location.Text.TrimEnd(':') })
                    : kind == SettingKind.Node ? await live.NodesAsync()
                    : kind.IsPath ? [kind == SettingKind.Folder ? Candidate.Folders : Candidate.Files]
                    : Words(kind.Words, place.Word);
        }
    }

    private async Task<IEnumerable<Candidate>> ValuesOfAsync(Argument argument, CompletionPlace place)
    {
        switch (argument.Name)
        {
            case "ID":
                return (await live.TransfersAsync(place.Command.Name)).Where(candidate => !place.Values.Contains(candidate.Text));
            case "SRC" or "DST":
                return IsPath(place.Word) ? [Candidate.Files] : (await live.LocationsAsync()).Append(Candidate.Files);
            case "NODE":
                return await live.NodesAsync();
            case "FILE":
                return [Candidate.Files];
            case "NAME":
                return Contexts();
            case "KEY":
                return SettingsTable.All.Select(setting => new Candidate(setting.Key)).Concat(place.Word.StartsWith(Setting.Root, StringComparison.Ordinal) ? [] : NodeKeys());
            default:
                return Words([.. argument.GetCompletions(CompletionContext.Empty).Select(item => item.Label)], place.Word);
        }
    }

    private IEnumerable<Candidate> Contexts() => lookup.Contexts?.Contexts.Values.Select(context => new Candidate(context.Name, context.Node)) ?? [];

    private IEnumerable<Candidate> Addresses() =>
        (lookup.Contexts?.Contexts.Values.Where(context => context.Node is not null).Select(context => new Candidate(context.Node!, context.Name)) ?? []).Append(new Candidate(NodeAddress.Default));

    // Apart, because it loads the node's assembly.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IEnumerable<Candidate> NodeKeys() => ConfigurationReport.Keys.Select(key => new Candidate(key));

    // Words are taken in any case; who begins with a small letter goes on with small ones.
    private static IEnumerable<Candidate> Words(IReadOnlyList<string> words, string begun) =>
        words.Select(word => new Candidate(begun.Length > 0 && char.IsAsciiLetterLower(begun[0]) ? word.ToLowerInvariant() : word));

    private static bool IsPath(string word) => word.StartsWith('/') || word.StartsWith('.') || word.StartsWith('~') || word.Contains('/', StringComparison.Ordinal);
}
