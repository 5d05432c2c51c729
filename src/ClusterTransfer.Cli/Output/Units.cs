using System.Globalization;

namespace ClusterTransfer.Cli.Output;

/// <summary>Numbers as people read them; always the same, whatever the locale.</summary>
internal static class Units
{
    private static readonly string[] Binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Three significant digits in a binary unit: 1.43 GiB.</summary>
    public static string Bytes(long bytes)
    {
        double value = Math.Max(0, bytes);
        int unit = 0;
        while (value >= 999.5 && unit < Binary.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        string format = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return $"{value.ToString(format, CultureInfo.InvariantCulture)} {Binary[unit]}";
    }

    public static string Rate(long bytesPerSecond) => $"{Bytes(bytesPerSecond)}/s";

    /// <summary>Grouped digits: 1,234,567.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Files(long count) => count == 1 ? "1 file" : $"{Count(count)} files";

    /// <summary>Minutes and seconds, with hours or days where there are any: 0:07, 1:02:03, 2d 03:04:05.</summary>
    public static string Duration(TimeSpan time)
    {
        TimeSpan whole = TimeSpan.FromSeconds(Math.Max(0, Math.Round(time.TotalSeconds)));
        return whole.Days > 0 ? string.Create(CultureInfo.InvariantCulture, $"{whole.Days}d {whole:hh\\:mm\\:ss}")
            : whole.Hours > 0 ? whole.ToString("h\\:mm\\:ss", CultureInfo.InvariantCulture)
            : whole.ToString("m\\:ss", CultureInfo.InvariantCulture);
    }

    /// <summary>A setting as it would be written: 100 ms, 30 s, 5 min.</summary>
    public static string Precise(TimeSpan time) => time < TimeSpan.FromSeconds(1) ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.###} ms")
        : time < TimeSpan.FromMinutes(2) || time.Ticks % TimeSpan.TicksPerMinute != 0 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s")
        : time.Ticks % TimeSpan.TicksPerHour != 0 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} h");

    /// <summary>Seconds that a node estimates: whatever it says, it becomes a time.</summary>
    public static string Eta(double seconds) =>
        Duration(TimeSpan.FromSeconds(double.IsFinite(seconds) ? Math.Clamp(seconds, 0, TimeSpan.FromDays(999).TotalSeconds) : 0));

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Share in percent, rounded down to a tenth; 100 is said only by the caller who knows that all is done.</summary>
    public static double Percent(long part, long whole) =>
        whole <= 0 ? 0 : Math.Min(99.9, Math.Floor(Math.Max(0, part) * 1000.0 / whole) / 10);

    /// <summary>Reads 30, 30s, 5m, 2h or 1d.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        double factor = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, >= '0' and <= '9' => 1, _ => 0 };
        string number = text.Length > 0 && char.IsAsciiLetter(text[^1]) ? text[..^1] : text;
        if (factor == 0 || !double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) || value * factor > 365 * 86400.0)
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(value * factor);
        return true;
    }
}
