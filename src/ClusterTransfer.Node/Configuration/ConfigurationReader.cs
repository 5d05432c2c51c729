using ClusterTransfer.Hocon;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;

namespace ClusterTransfer.Node.Configuration;

/// <summary>Reads a configuration tree into options and gathers every problem on the way.</summary>
internal sealed class ConfigurationReader
{
    public const string Locations = "locations";
    public const string Folder = "folder";
    public const string ReadOnly = "read-only";
    public const string Writes = "write-mode";
    public const string FolderWanted = "a folder";
    public const string ReadOnlyWanted = "true or false";
    public const string WritesWanted = "direct or buffered";

    /// <summary>The keys of a location, in the order of the reference file.</summary>
    public static readonly IReadOnlyList<string> LocationKeys = [Folder, ReadOnly, Writes];

    // What the origins of values from outside start with.
    public const string FromEnvironment = "environment variable ";
    public const string FromCommandLine = "command line ";

    private static readonly HashSet<string> Sections = [Locations, .. ConfigurationKeys.All.Select(key => key.Path[..key.Path.IndexOf('.', StringComparison.Ordinal)])];

    private readonly List<(string Key, string Text)> _problems = [];
    private readonly HashSet<string> _reported = [];
    private readonly Dictionary<string, HoconOrigin> _origins = [];

    /// <summary>What is wrong so far, each with its key.</summary>
    public IReadOnlyList<(string Key, string Text)> Problems => _problems;

    /// <summary>Puts what comes from outside over the tree: the environment, then the command line over both.</summary>
    public HoconObject Override(HoconObject root, IReadOnlyDictionary<string, string>? overrides, Func<string, string?> environment)
    {
        foreach (ConfigurationKey key in ConfigurationKeys.All)
        {
            if (environment(key.EnvironmentName) is { Length: > 0 } value)
            {
                root = Override(root, key.Path, value, FromEnvironment + key.EnvironmentName);
            }
        }

        foreach ((string key, string value) in overrides ?? new Dictionary<string, string>())
        {
            root = Override(root, key, value, FromCommandLine + key);
        }

        return root;
    }

    private HoconObject Override(HoconObject root, string key, string value, string source)
    {
        var origin = new HoconOrigin(source, 0, 0);
        try
        {
            return root.With($"{ConfigurationKeys.Root}.{ConfigurationKeys.Beneath(key)}", new HoconScalar(value, isQuoted: value != "null", origin));
        }
        catch (HoconException)
        {
            Report(key, "is not a key", origin);
            return root;
        }
    }

    public NodeOptions Read(HoconObject root)
    {
        NodeOptions options = ConfigurationKeys.Defaults;
        HoconObject tree = Tree(root);
        FindUnknown(tree);
        foreach (ConfigurationKey key in ConfigurationKeys.All)
        {
            options = ReadKey(options, key, tree);
        }

        options = options with { Locations = ReadLocations(tree) };
        foreach (ConfigurationProblem problem in NodeRules.Check(options))
        {
            // A key that could not be read holds its default: what is said about that would only confuse.
            if (!_reported.Contains(problem.Key))
            {
                Report(problem.Key, problem.Text, OriginOf(problem, tree));
            }
        }

        return options;
    }

    private HoconOrigin OriginOf(ConfigurationProblem problem, HoconObject tree) =>
        _origins.TryGetValue(problem.Key, out HoconOrigin origin) || _origins.TryGetValue(problem.Cause ?? problem.Key, out origin) ? origin : tree.Origin;

    private HoconObject Tree(HoconObject root)
    {
        foreach ((string key, HoconValue value) in root.Fields)
        {
            // Other keys at the top are the operator's own, to be used in substitutions; a slip in the section's name is not.
            if (key != ConfigurationKeys.Root && NearestKey.Find(key, [ConfigurationKeys.Root]) is not null)
            {
                Report(key, $"is not known; is '{ConfigurationKeys.Root}' meant?", value.Origin);
            }
        }

        if (!root.Fields.TryGetValue(ConfigurationKeys.Root, out HoconValue? section))
        {
            return HoconObject.Empty(root.Origin);
        }

        if (section is HoconObject tree)
        {
            return tree;
        }

        Report(ConfigurationKeys.Root, $"want an object; got {Show(section)}", section.Origin);
        return HoconObject.Empty(section.Origin);
    }

    private void FindUnknown(HoconObject tree)
    {
        foreach ((string section, HoconValue value) in tree.Fields)
        {
            if (!Sections.Contains(section))
            {
                ReportUnknown(section, value, Sections);
            }
            else if (value is not HoconObject keys)
            {
                Report(section, $"want an object; got {Show(value)}", value.Origin);
            }
            else if (section != Locations)
            {
                foreach ((string name, HoconValue inner) in keys.Fields)
                {
                    string path = $"{section}.{name}";
                    if (!ConfigurationKeys.All.Any(key => key.Path == path))
                    {
                        ReportUnknown(path, inner, ConfigurationKeys.All.Select(key => key.Path));
                    }
                }
            }
        }
    }

    private NodeOptions ReadKey(NodeOptions options, ConfigurationKey key, HoconObject tree)
    {
        if (!tree.TryGet(key.Path, out HoconValue? value) || (key.IsRequired && value is HoconScalar { IsNull: true }))
        {
            if (key.IsRequired)
            {
                Report(key.Path, $"is required: want {key.Wanted}; got {(value is null ? "nothing" : "null")}", value?.Origin ?? tree.Origin);
            }

            return options;
        }

        _origins[key.Path] = value.Origin;
        NodeOptions? read = key.Read(options, value);
        if (read is null)
        {
            _reported.Add(key.Path);
            foreach ((string path, HoconValue culprit) in key.Culprits(value))
            {
                Report(path, $"want {key.Wanted}; got {Show(culprit)}", culprit.Origin);
            }
        }

        return read ?? options;
    }

    private List<LocationEntry> ReadLocations(HoconObject tree)
    {
        var entries = new List<LocationEntry>();
        if (!tree.TryGet(Locations, out HoconValue? section) || section is not HoconObject locations)
        {
            return entries;
        }

        foreach ((string name, HoconValue value) in locations.Fields)
        {
            string path = $"{Locations}.{name}";
            if (!LocationName.TryParse(name, null, out LocationName location))
            {
                Report(path, "want a name of 2 to 63 of a-z, 0-9 and '-', not starting or ending with '-'", value.Origin);
            }
            else if (value is not HoconObject keys)
            {
                Report(path, $"want an object with {Folder}, {ReadOnly} and {Writes}; got {Show(value)}", value.Origin);
            }
            else
            {
                ReadLocation(entries, path, location, keys);
            }
        }

        return entries;
    }

    private void ReadLocation(List<LocationEntry> entries, string path, LocationName name, HoconObject keys)
    {
        foreach ((string key, HoconValue value) in keys.Fields)
        {
            if (!LocationKeys.Contains(key))
            {
                ReportUnknown($"{path}.{key}", value, LocationKeys.Select(known => $"{path}.{known}"));
            }
        }

        HoconValue? folder = keys.Fields.GetValueOrDefault(Folder);
        HoconValue? writes = keys.Fields.GetValueOrDefault(Writes);
        HoconValue? readOnly = keys.Fields.GetValueOrDefault(ReadOnly);
        string? folderPath = TryRead(ValueKinds.File, folder, $"{path}.{Folder}", FolderWanted, keys.Origin);
        bool isReadOnly = readOnly is not null && TryRead(ValueKinds.Switch, readOnly, $"{path}.{ReadOnly}", ReadOnlyWanted, keys.Origin);
        WriteMode mode = writes is null ? WriteMode.Direct : TryRead(ValueKinds.Writes, writes, $"{path}.{Writes}", WritesWanted, keys.Origin);
        if (folderPath is not null)
        {
            entries.Add(new LocationEntry(name, folderPath) { ReadOnly = isReadOnly, Writes = mode });
        }
    }

    private T? TryRead<T>(ValueKind<T> kind, HoconValue? value, string path, string wanted, HoconOrigin parent)
    {
        try
        {
            if (value is not null)
            {
                return kind.Read(value);
            }
        }
        catch (Exception error) when (error is HoconException or FormatException)
        {
            // Reported below with key, wanted form and origin.
        }

        Report(path, value is null ? $"is required: want {wanted}; got nothing" : $"want {wanted}; got {Show(value)}", value?.Origin ?? parent);
        return default;
    }

    private void ReportUnknown(string path, HoconValue value, IEnumerable<string> known)
    {
        string? nearest = NearestKey.Find(path, known);
        Report(path, nearest is null ? "is not known" : $"is not known; is '{nearest}' meant?", value.Origin);
    }

    private void Report(string key, string text, HoconOrigin origin)
    {
        _reported.Add(key);
        _problems.Add((key, PathText.Escape($"{key}: {text} ({origin})")));
    }

    private static string Show(HoconValue value) => value.ToString();
}
