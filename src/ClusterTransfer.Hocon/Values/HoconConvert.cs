using System.Collections.Frozen;
using System.Globalization;

namespace ClusterTransfer.Hocon;

/// <summary>Reads values as what the program wants, with the conversions the specification allows. Errors name key, value and origin.</summary>
public static class HoconConvert
{
    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    // Ticks of 100 ns; shorter units are fractions of one.
    private static readonly FrozenDictionary<string, decimal> DurationUnits = Units(
        (0.01m, "ns nano nanos nanosecond nanoseconds"),
        (10m, "us micro micros microsecond microseconds"),
        (TimeSpan.TicksPerMillisecond, "ms milli millis millisecond milliseconds"),
        (TimeSpan.TicksPerSecond, "s second seconds"),
        (TimeSpan.TicksPerMinute, "m minute minutes"),
        (TimeSpan.TicksPerHour, "h hour hours"),
        (TimeSpan.TicksPerDay, "d day days"));

    private static readonly FrozenDictionary<string, decimal> SizeUnits = Units(
        (1m, "B b byte bytes"),
        (1e3m, "kB KB kilobyte kilobytes"),
        (1e6m, "MB megabyte megabytes"),
        (1e9m, "GB gigabyte gigabytes"),
        (1e12m, "TB terabyte terabytes"),
        (1e15m, "PB petabyte petabytes"),
        (1e18m, "EB exabyte exabytes"),
        (1L << 10, "K k Ki KiB kibibyte kibibytes"),
        (1L << 20, "M m Mi MiB mebibyte mebibytes"),
        (1L << 30, "G g Gi GiB gibibyte gibibytes"),
        (1L << 40, "T t Ti TiB tebibyte tebibytes"),
        (1L << 50, "P p Pi PiB pebibyte pebibytes"),
        (1L << 60, "E e Ei EiB exbibyte exbibytes"));

    /// <summary>The text of a simple value that is not null.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public static string ToText(HoconValue value, string key) =>
        value is HoconScalar { IsNull: false } scalar ? scalar.Text : throw Wrong(value, key, "a string");

    /// <summary>A whole number of 32 bits.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public static int ToInt(HoconValue value, string key) =>
        Whole(value) is >= int.MinValue and <= int.MaxValue and decimal number ? (int)number : throw Wrong(value, key, "a whole number of 32 bits");

    /// <summary>A whole number of 64 bits.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public static long ToLong(HoconValue value, string key) =>
        Whole(value) is >= long.MinValue and <= long.MaxValue and decimal number ? (long)number : throw Wrong(value, key, "a whole number of 64 bits");

    /// <summary>A boolean in one of its six spellings.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public static bool ToBoolean(HoconValue value, string key) => (value as HoconScalar)?.Text switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => throw Wrong(value, key, "true, yes, on, false, no or off"),
    };

    /// <summary>A duration; a number without a unit is milliseconds.</summary>
    /// <exception cref="HoconException">It is something else or does not fit.</exception>
    public static TimeSpan ToDuration(HoconValue value, string key)
    {
        decimal? ticks = Measure(value, DurationUnits, TimeSpan.TicksPerMillisecond);
        return ticks is >= long.MinValue and <= long.MaxValue and decimal whole
            ? new TimeSpan((long)whole)
            : throw Wrong(value, key, "a duration such as 500ms, 10s, 5 minutes or 1h");
    }

    /// <summary>A size in whole bytes, never negative; a number without a unit is bytes.</summary>
    /// <exception cref="HoconException">It is something else or does not fit.</exception>
    public static long ToSize(HoconValue value, string key)
    {
        decimal? bytes = Measure(value, SizeUnits, 1);
        return bytes is >= 0 and <= long.MaxValue and decimal size && size == decimal.Truncate(size)
            ? (long)size
            : throw Wrong(value, key, "a size such as 512K, 64MiB or 1GB");
    }

    /// <summary>The texts of an array of simple values.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public static IReadOnlyList<string> ToTextList(HoconValue value, string key) => value is HoconArray array
        ? [.. array.Items.Select((item, index) => ToText(item, $"{key}[{index}]"))]
        : throw Wrong(value, key, "an array of strings");

    /// <summary>The exception for a value of the wrong kind.</summary>
    public static HoconException Wrong(HoconValue value, string key, string wanted)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new HoconException($"{key}: want {wanted}; got {value}.", value.Origin, key);
    }

    // Null when it is no whole number that fits a decimal. 1.0 and 1e3 are whole.
    private static decimal? Whole(HoconValue value) =>
        value is HoconScalar { IsNull: false } scalar
        && decimal.TryParse(scalar.Text, Decimal | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal number)
        && number == decimal.Truncate(number) ? number : null;

    private static decimal? Measure(HoconValue value, FrozenDictionary<string, decimal> units, decimal withoutUnit)
    {
        if (value is not HoconScalar { IsNull: false } scalar)
        {
            return null;
        }

        ReadOnlySpan<char> text = scalar.Text.AsSpan().Trim();
        int end = text.LastIndexOfAnyInRange('0', '9') + 1;
        string unit = text[end..].TrimStart().ToString();
        if (!decimal.TryParse(text[..end], Decimal, CultureInfo.InvariantCulture, out decimal number))
        {
            return null;
        }

        decimal factor = withoutUnit;
        if (unit.Length > 0 && !units.TryGetValue(unit, out factor))
        {
            return null;
        }

        try
        {
            return number * factor;
        }
        catch (OverflowException)
        {
            // Larger than any decimal, so larger than what the caller can take.
            return null;
        }
    }

    private static FrozenDictionary<string, decimal> Units(params ReadOnlySpan<(decimal Factor, string Names)> units)
    {
        var all = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach ((decimal factor, string names) in units)
        {
            foreach (string name in names.Split(' '))
            {
                all.Add(name, factor);
            }
        }

        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
