using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Hocon;

/// <content>Typed access by path.</content>
public sealed partial class HoconObject
{
    /// <summary>The value at a path.</summary>
    /// <exception cref="HoconException">There is none.</exception>
    public HoconValue GetValue(string path) => TryGet(path, out HoconValue? value)
        ? value
        : throw new HoconException($"{path}: missing.", new HoconOrigin(Origin.File, 0, 0), path);

    /// <summary>A string; numbers and booleans give their text.</summary>
    /// <exception cref="HoconException">It is missing, null, an object or an array.</exception>
    public string GetString(string path) => HoconConvert.ToText(GetValue(path), path);

    /// <summary>A whole number of 32 bits.</summary>
    /// <exception cref="HoconException">It is missing, not whole or out of range.</exception>
    public int GetInt(string path) => HoconConvert.ToInt(GetValue(path), path);

    /// <summary>A whole number of 64 bits.</summary>
    /// <exception cref="HoconException">It is missing, not whole or out of range.</exception>
    public long GetLong(string path) => HoconConvert.ToLong(GetValue(path), path);

    /// <summary>A number of 64 bits with a fraction.</summary>
    /// <exception cref="HoconException">It is missing, no number or out of range.</exception>
    public double GetDouble(string path) => HoconConvert.ToDouble(GetValue(path), path);

    /// <summary>A duration such as <c>500ms</c>, <c>10 seconds</c>, <c>1.5h</c>; a number without a unit is milliseconds.</summary>
    /// <exception cref="HoconException">It is missing, of another form or out of range.</exception>
    public TimeSpan GetDuration(string path) => HoconConvert.ToDuration(GetValue(path), path);

    /// <summary>A period of the calendar such as <c>10 days</c>, <c>2w</c>, <c>3mo</c>, <c>1 year</c>; a number without a unit is days.</summary>
    /// <exception cref="HoconException">It is missing, of another form, not whole or out of range.</exception>
    public HoconPeriod GetPeriod(string path) => HoconConvert.ToPeriod(GetValue(path), path);

    /// <summary>A size in bytes such as <c>64MiB</c>, <c>1 GB</c> (decimal), <c>512K</c> (binary); a number without a unit is bytes.</summary>
    /// <exception cref="HoconException">It is missing, of another form, not whole or out of range.</exception>
    public long GetSize(string path) => HoconConvert.ToSize(GetValue(path), path);

    /// <summary><c>true</c>, <c>yes</c>, <c>on</c> or <c>false</c>, <c>no</c>, <c>off</c>.</summary>
    /// <exception cref="HoconException">It is missing or something else.</exception>
    public bool GetBoolean(string path) => HoconConvert.ToBoolean(GetValue(path), path);

    /// <summary>An array; an object with keys such as <c>0</c> and <c>1</c> is taken for one.</summary>
    /// <exception cref="HoconException">It is missing or something else.</exception>
    public HoconArray GetArray(string path) => HoconConvert.ToArray(GetValue(path), path);

    /// <summary>An array of strings; an object with keys such as <c>0</c> and <c>1</c> is taken for one.</summary>
    /// <exception cref="HoconException">It is missing, not an array, or an item is not a simple value.</exception>
    public IReadOnlyList<string> GetStringList(string path) => HoconConvert.ToTextList(GetValue(path), path);

    /// <summary>An object.</summary>
    /// <exception cref="HoconException">It is missing or something else.</exception>
    public HoconObject GetObject(string path) => GetValue(path) as HoconObject ?? throw HoconConvert.Wrong(GetValue(path), path, "an object");
}
