using System.Runtime.CompilerServices;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Cli.Settings;
using ClusterTransfer.Hocon;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>Reads the contexts file and tells every problem of it at once.</summary>
internal static class ContextsReader
{
    public const string CurrentKey = "current";
    public const string ContextsKey = "contexts";

    private const int MaxLength = 256 * 1024;
    private const int ProblemsTold = 5;
    private static readonly string[] TopKeys = [CurrentKey, ContextsKey, Setting.Root];

    /// <summary>Reads the file.</summary>
    /// <exception cref="CliException">It cannot be read, is no HOCON, has unknown keys, or others can change it.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ContextsFile Read(string path, Func<string, string?> variable)
    {
        RefuseWhenOthersCanWrite(path);
        return Read(path, Parse(path, variable));
    }

    /// <summary>What the tree says.</summary>
    /// <exception cref="CliException">It has unknown keys or values of the wrong form.</exception>
    public static ContextsFile Read(string path, HoconObject root)
    {
        var problems = new List<string>();
        ContextValue? current = null;
        var contexts = new Dictionary<string, ContextEntry>(StringComparer.Ordinal);
        var shared = new Dictionary<string, ContextValue>(StringComparer.Ordinal);
        foreach ((string key, HoconValue value) in root.Fields)
        {
            switch (key, value)
            {
                case (CurrentKey, HoconScalar { IsNull: true }):
                    break;
                case (CurrentKey, HoconScalar name):
                    current = ValueOf(name);
                    break;
                case (ContextsKey, HoconObject names):
                    ReadContexts(names, contexts, problems);
                    break;
                case (Setting.Root, HoconObject keys):
                    ReadKeys(keys, string.Empty, shared, problems);
                    break;
                default:
                    problems.Add(TopKeys.Contains(key)
                        ? $"{value.Origin}: {key}: want {(key == CurrentKey ? "the name of a context" : "an object")}; got {PathText.Escape(value.ToString())}"
                        : $"{value.Origin}: '{PathText.Escape(key)}' is not known{Guess(key, TopKeys)}");
                    break;
            }
        }

        return problems.Count == 0
            ? new ContextsFile(path, current, contexts, shared)
            : throw Wrong(problems);
    }

    /// <summary>The file's text as a tree.</summary>
    /// <exception cref="CliException">It cannot be read or is no HOCON.</exception>
    public static HoconObject Parse(string path, Func<string, string?> variable) =>
        Guard(() => HoconParser.ParseFile(path, Options(variable)).Value);

    /// <summary>A text as the tree that the file would be if it held it.</summary>
    /// <exception cref="CliException">It is no HOCON.</exception>
    public static HoconObject Parse(string text, string path, Func<string, string?> variable) =>
        Guard(() => HoconParser.Parse(text, path, Options(variable) with { IncludeFolder = Path.GetDirectoryName(path) }).Value);

    private static HoconParserOptions Options(Func<string, string?> variable) => new() { MaxTextLength = MaxLength, MaxIncludedFiles = 10, Environment = variable };

    private static HoconObject Guard(Func<HoconObject> parse)
    {
        try
        {
            return parse();
        }
        catch (HoconException error)
        {
            throw Wrong([error.Message.TrimEnd('.'), .. error.More.Select(more => more.Message.TrimEnd('.'))]);
        }
    }

    // Whoever can change it decides which node gets the token.
    private static void RefuseWhenOthersCanWrite(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            throw new CliException(
                Reason.NotPermitted, $"Others can change {PathText.Escape(path)}, which says where your tokens go.", $"Look what it says, then run 'chmod 600 {PathText.Escape(path)}'.");
        }
    }

    private static void ReadContexts(HoconObject names, Dictionary<string, ContextEntry> contexts, List<string> problems)
    {
        foreach ((string name, HoconValue value) in names.Fields)
        {
            if (!ContextEntry.IsName(name))
            {
                problems.Add($"{value.Origin}: '{PathText.Escape(name)}' cannot name a context: want {ContextEntry.NameWanted}");
            }
            else if (value is HoconObject keys)
            {
                var values = new Dictionary<string, ContextValue>(StringComparer.Ordinal);
                ReadKeys(keys, string.Empty, values, problems);
                contexts[name] = new ContextEntry(name, values);
            }
            else if (value is not HoconScalar { IsNull: true })
            {
                problems.Add($"{value.Origin}: context {name}: want an object; got {PathText.Escape(value.ToString())}");
            }
        }
    }

    private static void ReadKeys(HoconObject keys, string lead, Dictionary<string, ContextValue> values, List<string> problems)
    {
        foreach ((string name, HoconValue value) in keys.Fields)
        {
            string key = lead + name;
            Setting? setting = SettingsTable.All.FirstOrDefault(known => known.InContexts && known.ContextKey == key);
            switch (value)
            {
                case HoconScalar scalar when setting is not null:
                    if (!scalar.IsNull)
                    {
                        values[key] = ValueOf(scalar);
                    }

                    break;
                case not HoconObject when setting is not null:
                    problems.Add($"{value.Origin}: {key}: want one value; got {value.KindName}");
                    break;
                case HoconObject section when SettingsTable.All.Any(known => known.InContexts && known.ContextKey.StartsWith(key + ".", StringComparison.Ordinal)):
                    ReadKeys(section, key + ".", values, problems);
                    break;
                default:
                    problems.Add($"{value.Origin}: '{PathText.Escape(key)}' is not known{Guess(key, SettingsTable.All.Where(known => known.InContexts).Select(known => known.ContextKey))}");
                    break;
            }
        }
    }

    private static ContextValue ValueOf(HoconScalar scalar) => new(
        scalar.Text,
        scalar.Origin.ToString(),
        Path.GetDirectoryName(Path.GetFullPath(scalar.Origin.File)) ?? "/");

    private static string Guess(string unknown, IEnumerable<string> known) => Nearest.Of(unknown, known) is { } near ? $"; is '{near}' meant?" : string.Empty;

    private static CliException Wrong(List<string> problems) => new(
        Reason.InvalidRequest,
        string.Join("; ", problems.Take(ProblemsTold)) + (problems.Count > ProblemsTold ? $"; and {problems.Count - ProblemsTold} more" : string.Empty) + ".",
        "Correct the file; 'ct config get client' lists the keys of a context, without 'client.'.");
}
