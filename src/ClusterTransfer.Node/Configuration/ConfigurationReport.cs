using ClusterTransfer.Hocon;

namespace ClusterTransfer.Node.Configuration;

/// <summary>A configuration as people ask about it: what is wrong, what a key is, where that was said. Unlike <see cref="NodeConfiguration.Load"/> it also tells of an invalid one.</summary>
public sealed class ConfigurationReport
{
    private const string NoFile = "no file";

    private readonly HoconObject _root;
    private readonly ConfigurationReader _reader = new();
    private readonly NodeOptions _options;

    private ConfigurationReport(HoconObject root, IReadOnlyDictionary<string, string>? overrides, Func<string, string?> environment)
    {
        _root = _reader.Override(root, overrides, environment);
        _options = _reader.Read(_root);
    }

    /// <summary>Every problem, one line each. Empty when a node would start with it.</summary>
    public IReadOnlyList<string> Problems => [.. _reader.Problems.Select(problem => problem.Text)];

    /// <summary>Paths of all keys but those of locations, in the order of the reference file.</summary>
    public static IReadOnlyList<string> Keys => [.. ConfigurationKeys.All.Select(key => key.Path)];

    /// <summary>Reads what there is.</summary>
    /// <param name="file">The HOCON file; null reads only the rest.</param>
    /// <param name="overrides">From the command line, as in <see cref="NodeConfiguration.Load"/>.</param>
    /// <param name="environment">Answers environment variables.</param>
    /// <exception cref="NodeConfigurationException">The file cannot be read or is no HOCON.</exception>
    public static ConfigurationReport Read(string? file, IReadOnlyDictionary<string, string>? overrides, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        HoconObject root = file is null ? HoconObject.Empty(new HoconOrigin(NoFile, 0, 0)) : NodeConfiguration.ReadFile(file, environment);
        return new ConfigurationReport(root, overrides, environment);
    }

    /// <summary>One key; null when there is no such key.</summary>
    public ConfiguredKey? Find(string key)
    {
        string path = ConfigurationKeys.Beneath(key);
        if (ConfigurationKeys.All.FirstOrDefault(known => known.Path == path) is { } found)
        {
            return Describe(found);
        }

        return path.Split('.') switch
        {
            [ConfigurationReader.Locations, { Length: > 0 }, ConfigurationReader.Folder] => DescribeLocation(path, ConfigurationReader.FolderWanted, ValueKinds.File.Unit, null),
            [ConfigurationReader.Locations, { Length: > 0 }, ConfigurationReader.ReadOnly] => DescribeLocation(path, ConfigurationReader.ReadOnlyWanted, ValueKinds.Switch.Unit, "false"),
            [ConfigurationReader.Locations, { Length: > 0 }, ConfigurationReader.Writes] => DescribeLocation(path, ConfigurationReader.WritesWanted, ValueKinds.Writes.Unit, "direct"),
            _ => DescribeOwn(key),
        };
    }

    /// <summary>The keys in a section or location, with defaults; empty when it is none.</summary>
    public IReadOnlyList<ConfiguredKey> FindSection(string section)
    {
        string path = ConfigurationKeys.Beneath(section);
        IEnumerable<string> keys = Keys;
        if (_root.TryGet($"{ConfigurationKeys.Root}.{ConfigurationReader.Locations}", out HoconValue? value) && value is HoconObject locations)
        {
            keys = keys.Concat(locations.Fields.Keys.SelectMany(name => ConfigurationReader.LocationKeys.Select(key => $"{ConfigurationReader.Locations}.{name}.{key}")));
        }

        return [.. keys.Where(key => path == ConfigurationKeys.Root || key.StartsWith(path + ".", StringComparison.Ordinal)).Select(Find).OfType<ConfiguredKey>()];
    }

    /// <summary>The known key that an unknown one was probably meant to be; null when none is near.</summary>
    public static string? Nearest(string key) => NearestKey.Find(ConfigurationKeys.Beneath(key), Keys);

    private ConfiguredKey Describe(ConfigurationKey key)
    {
        bool isSet = TryFind($"{ConfigurationKeys.Root}.{key.Path}", out HoconValue? written);

        // What cannot be read or is out of range is shown as it was written; the problem tells the rest.
        string? value = !isSet && key.IsRequired ? null
            : written is not null && key.Read(ConfigurationKeys.Defaults, written) is null ? Text(written)
            : key.Show(_options);
        return new ConfiguredKey
        {
            Key = key.Path, Value = value, Source = SourceOf(written), Place = PlaceOf(written),
            Default = key.IsRequired ? null : key.Show(ConfigurationKeys.Defaults), IsRequired = key.IsRequired,
            Unit = key.Unit, Range = key.Wanted, Variable = key.EnvironmentName, Reason = ReferenceComments.ReasonOf(key.Path), Problems = ProblemsOf(key.Path),
        };
    }

    private ConfiguredKey DescribeLocation(string path, string wanted, string unit, string? byDefault)
    {
        TryFind($"{ConfigurationKeys.Root}.{path}", out HoconValue? written);
        LocationEntry? entry = _options.Locations.FirstOrDefault(location => path == $"{ConfigurationReader.Locations}.{location.Name}.{ConfigurationReader.Folder}");
        return new ConfiguredKey
        {
            Key = path, Value = entry?.Folder ?? (written is null ? byDefault : Text(written)), Source = SourceOf(written), Place = PlaceOf(written), Default = byDefault, IsRequired = byDefault is null,
            Unit = unit, Range = wanted, Reason = ReferenceComments.ReasonOf(ConfigurationReader.Locations), Problems = ProblemsOf(path),
        };
    }

    private ConfiguredKey? DescribeOwn(string key) => TryFind(key, out HoconValue? written) && written is not HoconObject
        ? new ConfiguredKey { Key = key, Value = Text(written), Source = SourceOf(written), Place = PlaceOf(written) }
        : null;

    private bool TryFind(string path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HoconValue? value)
    {
        try
        {
            return _root.TryGet(path, out value);
        }
        catch (HoconException)
        {
            // Not a path, so it names nothing.
            value = null;
            return false;
        }
    }

    private string[] ProblemsOf(string path) => [.. _reader.Problems.Where(problem => problem.Key == path).Select(problem => problem.Text)];

    private static ConfigurationSource SourceOf(HoconValue? value) => value?.Origin switch
    {
        null => ConfigurationSource.Default,
        { Line: > 0 } => ConfigurationSource.File,
        { File: string name } when name.StartsWith(ConfigurationReader.FromCommandLine, StringComparison.Ordinal) => ConfigurationSource.Flag,
        _ => ConfigurationSource.Environment,
    };

    // The source says what kind of place it is; only the rest of the name is told.
    private static string? PlaceOf(HoconValue? value) => value is null ? null
        : SourceOf(value) switch
        {
            ConfigurationSource.Flag => value.Origin.File[ConfigurationReader.FromCommandLine.Length..],
            ConfigurationSource.Environment when value.Origin.File.StartsWith(ConfigurationReader.FromEnvironment, StringComparison.Ordinal) =>
                value.Origin.File[ConfigurationReader.FromEnvironment.Length..],
            _ => value.Origin.ToString(),
        };

    private static string Text(HoconValue value) => value is HoconScalar scalar ? scalar.Text : value.Render(HoconRenderOptions.Default with { Formatted = false });
}
