using ClusterTransfer.Hocon;

namespace ClusterTransfer.Node.Configuration;

/// <summary>One key of the configuration: where it is, what it may be, and how it gets into and out of the options.</summary>
internal abstract class ConfigurationKey(string path, string wanted, string unit, bool isRequired)
{
    /// <summary>Path beneath the root section, for example <c>api.listen</c>.</summary>
    public string Path { get; } = path;

    /// <summary>What it may be, in words that follow "want"; the reference file repeats them.</summary>
    public string Wanted { get; } = wanted;

    /// <summary>What a person writes, and what a plain number means.</summary>
    public string Unit { get; } = unit;

    /// <summary>Whether there is no default.</summary>
    public bool IsRequired { get; } = isRequired;

    /// <summary>The environment variable that overrides it, for example <c>CT_API_LISTEN</c>.</summary>
    public string EnvironmentName { get; } = "CT_" + path.ToUpperInvariant().Replace('.', '_').Replace('-', '_');

    /// <summary>Reads a value into the options; null when it is of the wrong form.</summary>
    public abstract NodeOptions? Read(NodeOptions options, HoconValue value);

    /// <summary>The parts of a value of the wrong form that are to blame, each with its path.</summary>
    public virtual IEnumerable<(string Path, HoconValue Value)> Culprits(HoconValue value) => [(Path, value)];

    /// <summary>What the options hold, as a configuration file would say it.</summary>
    public abstract string Show(NodeOptions options);

    /// <summary>Whether what the options hold is in range.</summary>
    public abstract bool IsValid(NodeOptions options);
}

/// <summary>A key with the type of its value.</summary>
internal sealed class ConfigurationKey<T>(
    string path,
    string wanted,
    ValueKind<T> kind,
    Func<NodeOptions, T> get,
    Func<NodeOptions, T, NodeOptions> set,
    Func<T, bool>? isValid = null,
    bool isRequired = false,
    Func<HoconValue, IEnumerable<(string Name, HoconValue Value)>>? culprits = null) : ConfigurationKey(path, wanted, kind.Unit, isRequired)
{
    public override IEnumerable<(string Path, HoconValue Value)> Culprits(HoconValue value)
    {
        (string Name, HoconValue Value)[] parts = [.. culprits?.Invoke(value) ?? []];
        return parts.Length > 0 ? parts.Select(part => ($"{Path}.{part.Name}", part.Value)) : base.Culprits(value);
    }

    public override NodeOptions? Read(NodeOptions options, HoconValue value)
    {
        try
        {
            return set(options, kind.Read(value));
        }
        catch (Exception error) when (error is HoconException or FormatException)
        {
            // The caller names key, wanted form and origin; the cause adds nothing.
            return null;
        }
    }

    public override string Show(NodeOptions options) => kind.Show(get(options));

    public override bool IsValid(NodeOptions options) => isValid?.Invoke(get(options)) ?? true;
}
