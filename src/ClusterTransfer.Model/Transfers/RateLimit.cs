using System.Globalization;

namespace ClusterTransfer.Model;

/// <summary>What a limit may be: whole bytes per second. There is no number that means "unlimited"; that is null, and the word "none".</summary>
public static class RateLimit
{
    /// <summary>Least limit, 64 KiB/s: below it a large chunk takes so long that its connection would look dead.</summary>
    public const long Min = 64 * 1024;

    /// <summary>Highest limit, 1 TiB/s.</summary>
    public const long Max = 1L << 40;

    /// <summary>The word for no limit.</summary>
    public const string None = "none";

    /// <summary>What is wanted, in words that follow "want".</summary>
    public const string Wanted = "a rate of 64K to 1T bytes per second, such as 512K, 20M or 20MiB (binary), or 20MB (decimal), or none";

    private static readonly (string Unit, long Factor)[] Units =
    [
        ("", 1), ("B", 1),
        ("K", 1L << 10), ("k", 1L << 10), ("KiB", 1L << 10), ("kB", 1_000), ("KB", 1_000),
        ("M", 1L << 20), ("m", 1L << 20), ("MiB", 1L << 20), ("MB", 1_000_000),
        ("G", 1L << 30), ("g", 1L << 30), ("GiB", 1L << 30), ("GB", 1_000_000_000),
        ("T", 1L << 40), ("t", 1L << 40), ("TiB", 1L << 40), ("TB", 1_000_000_000_000),
    ];

    /// <summary>A limit for people: 20 MiB/s, 1.5 MB/s, none. As exact as it was given.</summary>
    public static string Text(long? bytesPerSecond)
    {
        if (bytesPerSecond is not { } rate)
        {
            return None;
        }

        (string unit, long factor) = Units.Where(one => one.Factor > 1 && one.Unit.EndsWith('B') && rate >= one.Factor && rate * 100 % one.Factor == 0)
            .DefaultIfEmpty(("bytes", 1L)).MaxBy(static one => one.Item2);
        return string.Create(CultureInfo.InvariantCulture, $"{(decimal)rate / factor:0.##} {unit}/s");
    }

    /// <summary>Whether a limit may be that.</summary>
    public static bool IsValid(long? bytesPerSecond) => bytesPerSecond is null or (>= Min and <= Max);

    /// <summary>Reads <c>20M</c>, <c>1.5MiB</c>, <c>20MB/s</c> or <c>none</c>.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="bytesPerSecond">The limit; null for none.</param>
    /// <returns>False when it is none of these or out of range. Nothing that is wrong ever means "unlimited".</returns>
    public static bool TryParse(string text, out long? bytesPerSecond)
    {
        bytesPerSecond = null;
        if (text.Equals(None, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        string amount = text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text;
        int end = amount.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        string unit = amount[end..].TrimStart(' ');
        long factor = Units.FirstOrDefault(one => one.Unit == unit).Factor;
        if (factor == 0
            || !decimal.TryParse(amount[..end], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number)
            || number > Max
            || number * factor is not (>= Min and <= Max))
        {
            return false;
        }

        bytesPerSecond = (long)(number * factor);
        return true;
    }
}
