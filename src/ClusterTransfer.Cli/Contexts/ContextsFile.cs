using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>All contexts of a user.</summary>
/// <param name="Path">The file.</param>
/// <param name="Current">The context that counts when none is named; null when there is none.</param>
/// <param name="Contexts">By name, in the order of the file.</param>
/// <param name="Shared">What holds in all contexts and without one, unless a context says otherwise.</param>
internal sealed record ContextsFile(string Path, ContextValue? Current, IReadOnlyDictionary<string, ContextEntry> Contexts, IReadOnlyDictionary<string, ContextValue> Shared)
{
    /// <summary>A file that does not exist.</summary>
    public static ContextsFile Missing(string path) => new(path, null, new Dictionary<string, ContextEntry>(), new Dictionary<string, ContextValue>());

    /// <summary>Reads the file if there is one. HOCON is loaded only then: most starts must not pay for it.</summary>
    /// <exception cref="CliException">It cannot be read, is no HOCON, has unknown keys, or others can change it.</exception>
    public static ContextsFile Load(string path, Func<string, string?> variable) => File.Exists(path) ? ContextsReader.Read(path, variable) : Missing(path);

    /// <summary>The context of that name.</summary>
    /// <exception cref="CliException">There is none; names the nearest.</exception>
    public ContextEntry Find(string name, string saidBy)
    {
        if (Contexts.TryGetValue(name, out ContextEntry? found))
        {
            return found;
        }

        string? near = Nearest.Of(name, Contexts.Keys);
        throw new CliException(
            Reason.PathNotFound,
            $"There is no context '{PathText.Escape(name)}' ({saidBy}).",
            near is not null ? $"Did you mean '{near}'? 'ct context ls' lists them."
                : Contexts.Count > 0 ? "'ct context ls' lists them; 'ct login NAME --node URL' makes one."
                : "'ct login NAME --node URL' makes one.");
    }

    /// <summary>What the file says of a setting, in a context or without one.</summary>
    public ContextValue? ValueOf(Setting setting, ContextEntry? context) =>
        (context is not null && context.Values.TryGetValue(setting.ContextKey, out ContextValue? own)) || Shared.TryGetValue(setting.ContextKey, out own) ? own : null;
}
