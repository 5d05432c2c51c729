using System.Collections.Frozen;
using System.Globalization;
using ClusterTransfer.Hocon.Syntax;

namespace ClusterTransfer.Hocon;

/// <summary>Reads values as what the program wants, with the conversions the specification allows. Errors name key, value and origin.</summary>
public static class HoconConvert
{
    private const NumberStyles Decimal = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

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
        (1e3m, "kB kilobyte kilobytes"),
        (1e6m, "MB megabyte megabytes"),
        (1e9m, "GB gigabyte gigabytes"),
        (1e12m, "TB terabyte terabytes"),
        (1e15m, "PB petabyte petabytes"),
        (1e18m, "EB exabyte exabytes"),
        (1e21m, "ZB zettabyte zettabytes"),
        (1e24m, "YB yottabyte yottabytes"),
        (1L << 10, "K k Ki KiB kibibyte kibibytes"),
        (1L << 20, "M m Mi MiB mebibyte mebibytes"),
        (1L << 30, "G g Gi GiB gibibyte gibibytes"),
        (1L << 40, "T t Ti TiB tebibyte tebibytes"),
        (1L << 50, "P p Pi PiB pebibyte pebibytes"),
        (1L << 60, "E e Ei EiB exbibyte exbibytes"),
        (1024m * (1L << 60), "Z z Zi ZiB zebibyte zebibytes"),
        (1024m * 1024m * (1L << 60), "Y y Yi YiB yobibyte yobibytes"));

    // Days, and months above 1,000: a period has both, and one is never turned into the other.
    private const decimal Month = 1_000;
    private static readonly FrozenDictionary<string, decimal> PeriodUnits = Units(
        (1m, "d day days"),
        (7m, "w week weeks"),
        (Month, "m mo month months"),
        (12 * Month, "y year years"));

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

    /// <summary>A period of whole days, weeks, months or years; a number without a unit is days.</summary>
    /// <exception cref="HoconException">It is something else or does not fit.</exception>
    public static HoconPeriod ToPeriod(HoconValue value, string key)
    {
        (decimal Number, decimal Factor)? period = Split(value, PeriodUnits, 1);
        if (period is not { } parts || parts.Number != decimal.Truncate(parts.Number) || Math.Abs(parts.Number) > int.MaxValue)
        {
            throw Wrong(value, key, "a period such as 10 days, 2 weeks, 3 months or 1 year");
        }

        decimal days = parts.Factor < Month ? parts.Number * parts.Factor : 0;
        decimal months = parts.Factor == Month ? parts.Number : 0;
        decimal years = parts.Factor > Month ? parts.Number : 0;
        return Math.Abs(days) <= int.MaxValue ? new HoconPeriod((int)years, (int)months, (int)days) : throw Wrong(value, key, "a period that fits 32 bits");
    }

    /// <summary>A number; it is rounded to the nearest one of 64 bits.</summary>
    /// <exception cref="HoconException">It is something else or infinite.</exception>
    public static double ToDouble(HoconValue value, string key) =>
        value is HoconScalar scalar && JsonNumber.IsNumber(scalar.Text)
        && double.TryParse(scalar.Text, Decimal, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(value, key, "a number");

    /// <summary>An array; an object with keys such as <c>0</c> and <c>1</c> becomes one, in their order.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public static HoconArray ToArray(HoconValue value, string key) => value switch
    {
        HoconArray array => array,
        HoconObject indexed when Indexed(indexed) is { } items => items,
        _ => throw Wrong(value, key, "an array"),
    };

    /// <summary>The texts of an array of simple values.</summary>
    /// <exception cref="HoconException">It is something else.</exception>
    public static IReadOnlyList<string> ToTextList(HoconValue value, string key) => value is HoconArray or HoconObject
        ? [.. ToArray(value, key).Items.Select((item, index) => ToText(item, $"{key}[{index}]"))]
        : throw Wrong(value, key, "an array of strings");

    // The array that an object with numbers as keys stands for; null when it has none. Other keys are ignored, gaps are closed.
    internal static HoconArray? Indexed(HoconObject value)
    {
        var items = new SortedDictionary<int, HoconValue>();
        foreach ((string key, HoconValue item) in value.Fields)
        {
            if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                items[index] = item;
            }
        }

        return items.Count == 0 ? null : new HoconArray([.. items.Values], value.Origin);
    }

    /// <summary>The exception for a value of the wrong kind.</summary>
    public static HoconException Wrong(HoconValue value, string key, string wanted)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new HoconException($"{key}: want {wanted}; got {value}.", value.Origin, key);
    }

    // Null when it is no whole number that fits a decimal. 1.0 and 1e3 are whole.
    private static decimal? Whole(HoconValue value) =>
        value is HoconScalar scalar && JsonNumber.IsNumber(scalar.Text)
        && decimal.TryParse(scalar.Text, Decimal, CultureInfo.InvariantCulture, out decimal number)
        && number == decimal.Truncate(number) ? number : null;

    private static decimal? Measure(HoconValue value, FrozenDictionary<string, decimal> units, decimal withoutUnit)
    {
        try
        {
            return Split(value, units, withoutUnit) is { } parts ? parts.Number * parts.Factor : null;
        }
        catch (OverflowException)
        {
            // Larger than any decimal, so larger than what the caller can take.
            return null;
        }
    }

    // White space, number, white space, unit, white space: all but the number may be missing.
    private static (decimal Number, decimal Factor)? Split(HoconValue value, FrozenDictionary<string, decimal> units, decimal withoutUnit)
    {
        if (value is not HoconScalar { IsNull: false } scalar)
        {
            return null;
        }

        ReadOnlySpan<char> text = Trim(scalar.Text);
        int end = text.LastIndexOfAnyInRange('0', '9') + 1;
        string unit = Trim(text[end..]).ToString();
        decimal factor = withoutUnit;
        return JsonNumber.IsNumber(text[..end]) && decimal.TryParse(text[..end], Decimal, CultureInfo.InvariantCulture, out decimal number)
            && (unit.Length == 0 || units.TryGetValue(unit, out factor))
                ? (number, factor)
                : null;
    }

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        while (text.Length > 0 && Whitespace.Contains(text[0]))
        {
            text = text[1..];
        }

        while (text.Length > 0 && Whitespace.Contains(text[^1]))
        {
            text = text[..^1];
        }

        return text;
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
