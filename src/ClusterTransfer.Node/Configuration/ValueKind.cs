using System.Globalization;
using System.Net;
using System.Numerics;
using ClusterTransfer.Hocon;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Transport.Records;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Configuration;

/// <summary>How values of one kind are read and shown.</summary>
/// <param name="Read">Reads a value; throws <see cref="HoconException"/> or <see cref="FormatException"/> when it is of another form.</param>
/// <param name="Show">Writes it as a configuration file would.</param>
/// <param name="Unit">What a person writes, and what a plain number means.</param>
internal sealed record ValueKind<T>(Func<HoconValue, T> Read, Func<T, string> Show, string Unit);

/// <summary>The kinds of values a configuration has.</summary>
internal static class ValueKinds
{
    private const string SizeUnit = "bytes, such as 512K, 64MiB (binary) or 64MB (decimal); a plain number is bytes";

    public static readonly ValueKind<bool> Switch = new(value => HoconConvert.ToBoolean(value, string.Empty), value => value ? "true" : "false", "true, yes or on; false, no or off");

    public static readonly ValueKind<int> Number = new(value => HoconConvert.ToInt(value, string.Empty), value => value.ToString(CultureInfo.InvariantCulture), "a whole number");

    public static readonly ValueKind<long> Size = new(value => HoconConvert.ToSize(value, string.Empty), ShowSize, SizeUnit);

    public static readonly ValueKind<int> IntSize = new(value => checked((int)Math.Min(Size.Read(value), int.MaxValue)), value => ShowSize(value), SizeUnit);

    public static readonly ValueKind<TimeSpan> Duration = new(value => HoconConvert.ToDuration(value, string.Empty), ShowDuration, "time, such as 500ms, 10s, 5m or 1h; a plain number is milliseconds");

    public static readonly ValueKind<string> File = new(
        ReadPath, value => value, "a path, relative to the file it stands in; in a flag or variable to the current folder");

    public static readonly ValueKind<string?> OptionalFile = Optional(File);

    public static readonly ValueKind<IPEndPoint> Listen = new(ReadEndPoint, value => value.ToString(), "address:port");

    public static readonly ValueKind<string> Address = new(value => ReadAddress(HoconConvert.ToText(value, string.Empty)), value => value, "host:port");

    public static readonly ValueKind<string?> OptionalAddress = Optional(Address);

    public static readonly ValueKind<IReadOnlyList<string>> Addresses = new(
        value => [.. ReadList(value).Select(ReadAddress)], value => $"[{string.Join(", ", value)}]", "a list; in a flag or variable separated by commas");

    public static readonly ValueKind<NodeId> NodeName = new(value => new NodeId(HoconConvert.ToText(value, string.Empty)), value => value.Value, "a name");

    public static readonly ValueKind<LogLevel> Level = new(
        value => HoconConvert.ToText(value, string.Empty) switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "information" => LogLevel.Information,
            "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            string text => throw new FormatException(text),
        },
        value => value.ToString().ToLowerInvariant(),
        "a word");

    public static readonly ValueKind<BadChunkDecay> Decay = new(
        value => HoconConvert.ToText(value, string.Empty) switch
        {
            "good" => BadChunkDecay.Good,
            "time" => BadChunkDecay.Time,
            "both" => BadChunkDecay.Both,
            string text => throw new FormatException(text),
        },
        value => value.ToString().ToLowerInvariant(),
        "a word");

    public static readonly ValueKind<CompressionMode> Compression = new(
        value => HoconConvert.ToText(value, string.Empty) switch
        {
            "auto" => CompressionMode.Auto,
            "none" => CompressionMode.None,
            "lz4" => CompressionMode.Lz4,
            "zstandard" => CompressionMode.Zstandard,
            string text => throw new FormatException(text),
        },
        value => value.ToString().ToLowerInvariant(),
        "a word");

    public static readonly ValueKind<RecordLayer> Records = new(
        value => HoconConvert.ToText(value, string.Empty) switch
        {
            "sealed" => RecordLayer.Sealed,
            "tls" => RecordLayer.Tls,
            string text => throw new FormatException(text),
        },
        value => value.ToString().ToLowerInvariant(),
        "a word");

    public static readonly ValueKind<WriteMode> Writes = new(
        value => HoconConvert.ToText(value, string.Empty) switch
        {
            "direct" => WriteMode.Direct,
            "buffered" => WriteMode.Buffered,
            string text => throw new FormatException(text),
        },
        value => value.ToString().ToLowerInvariant(),
        "a word");

    private static ValueKind<string?> Optional(ValueKind<string> kind) => new(
        value => value is HoconScalar { IsNull: true } ? null : kind.Read(value), value => value ?? "null", kind.Unit);

    // What is written in a file is relative to that file; what comes from outside is relative to where the user stands.
    private static string ReadPath(HoconValue value)
    {
        string text = HoconConvert.ToText(value, string.Empty);
        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new FormatException(text);
        }

        string folder = value.Origin.Line > 0 ? Path.GetDirectoryName(Path.GetFullPath(value.Origin.File))! : Directory.GetCurrentDirectory();
        return Path.GetFullPath(Path.Combine(folder, text));
    }

    private static IPEndPoint ReadEndPoint(HoconValue value)
    {
        // TryParse accepts an address without a port, which is never what is meant.
        string text = HoconConvert.ToText(value, string.Empty);
        int colon = text.LastIndexOf(':');
        return colon > 0 && !text.EndsWith(']') && (text[0] == '[' || text.IndexOf(':', StringComparison.Ordinal) == colon)
            && IPEndPoint.TryParse(text, out IPEndPoint? endPoint)
                ? endPoint
                : throw new FormatException(text);
    }

    private static string ReadAddress(string text)
    {
        int colon = text.LastIndexOf(':');
        bool valid = colon > 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            && IsHost(text[..colon]);
        return valid ? text : throw new FormatException(text);
    }

    private static bool IsHost(string host) => host[0] == '['
        ? host[^1] == ']' && Uri.CheckHostName(host[1..^1]) == UriHostNameType.IPv6
        : Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4;

    // The environment and the command line know no arrays: there, commas separate.
    private static IEnumerable<string> ReadList(HoconValue value) => value is HoconScalar { IsNull: false } scalar && value.Origin.Line == 0
        ? scalar.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        : HoconConvert.ToTextList(value, string.Empty);

    private static string ShowSize(long bytes)
    {
        int unit = bytes == 0 ? 0 : Math.Min(BitOperations.TrailingZeroCount(bytes) / 10, 3);
        return $"{bytes >> (10 * unit)}{(unit == 0 ? "B" : $"{"KMG"[unit - 1]}iB")}";
    }

    private static string ShowDuration(TimeSpan time)
    {
        (long ticks, string unit) = time.Ticks switch
        {
            long value when value != 0 && value % TimeSpan.TicksPerHour == 0 => (TimeSpan.TicksPerHour, "h"),
            long value when value != 0 && value % TimeSpan.TicksPerMinute == 0 => (TimeSpan.TicksPerMinute, "m"),
            long value when value % TimeSpan.TicksPerSecond == 0 => (TimeSpan.TicksPerSecond, "s"),
            _ => (TimeSpan.TicksPerMillisecond, "ms"),
        };
        return $"{((decimal)time.Ticks / ticks).ToString("0.####", CultureInfo.InvariantCulture)}{unit}";
    }
}
