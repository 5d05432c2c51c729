namespace ClusterTransfer.Hocon;

/// <summary>A parsed and resolved document.</summary>
/// <param name="Value">Its root object.</param>
public sealed record HoconRoot(HoconObject Value)
{
    /// <summary>Finds the value at a path; see <see cref="HoconObject.TryGet(string, out HoconValue?)"/>.</summary>
    public bool TryGet(string path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out HoconValue? value) => Value.TryGet(path, out value);

    /// <inheritdoc cref="HoconObject.GetString"/>
    public string GetString(string path) => Value.GetString(path);

    /// <inheritdoc cref="HoconObject.GetInt"/>
    public int GetInt(string path) => Value.GetInt(path);

    /// <inheritdoc cref="HoconObject.GetLong"/>
    public long GetLong(string path) => Value.GetLong(path);

    /// <inheritdoc cref="HoconObject.GetDouble"/>
    public double GetDouble(string path) => Value.GetDouble(path);

    /// <inheritdoc cref="HoconObject.GetPeriod"/>
    public HoconPeriod GetPeriod(string path) => Value.GetPeriod(path);

    /// <inheritdoc cref="HoconObject.GetArray"/>
    public HoconArray GetArray(string path) => Value.GetArray(path);

    /// <inheritdoc cref="HoconObject.GetDuration"/>
    public TimeSpan GetDuration(string path) => Value.GetDuration(path);

    /// <inheritdoc cref="HoconObject.GetSize"/>
    public long GetSize(string path) => Value.GetSize(path);

    /// <inheritdoc cref="HoconObject.GetBoolean"/>
    public bool GetBoolean(string path) => Value.GetBoolean(path);

    /// <inheritdoc cref="HoconObject.GetStringList"/>
    public IReadOnlyList<string> GetStringList(string path) => Value.GetStringList(path);

    /// <inheritdoc cref="HoconObject.GetObject"/>
    public HoconObject GetObject(string path) => Value.GetObject(path);

    /// <summary>This document over another one.</summary>
    public HoconRoot WithFallback(HoconRoot fallback)
    {
        ArgumentNullException.ThrowIfNull(fallback);
        return new HoconRoot(Value.WithFallback(fallback.Value));
    }
}
