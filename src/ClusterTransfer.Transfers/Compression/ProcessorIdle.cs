using System.Globalization;

namespace ClusterTransfer.Transfers.Compression;

/// <summary>How many processors of this machine had nothing to do of late. Thread-safe: all transfers of a node ask.</summary>
/// <remarks>From <c>/proc/stat</c>: of the whole machine, since other programs need theirs too. Where it cannot be read no processor counts as idle.</remarks>
internal sealed class ProcessorIdle(Func<string?> firstLineOfStat)
{
    // A look soon after another would see nothing that happened since: it gets the answer of before.
    private const long LeastTicks = 10;

    private readonly Lock _gate = new();
    private (long Idle, long All)? _last;
    private double _answer;

    public ProcessorIdle()
        : this(Read)
    {
    }

    /// <summary>Processors, a fraction as well; 0 at the first look.</summary>
    public double Look()
    {
        lock (_gate)
        {
            if (firstLineOfStat() is not { } line || Parse(line) is not { } now)
            {
                return 0;
            }

            if (_last is not { } last)
            {
                _last = now;
            }
            else if (now.All - last.All >= LeastTicks)
            {
                _last = now;
                _answer = Math.Clamp((double)(now.Idle - last.Idle) / (now.All - last.All), 0, 1) * Environment.ProcessorCount;
            }

            return _answer;
        }
    }

    // cpu user nice system idle iowait irq softirq steal ...: whoever waits for a disk leaves its processor free.
    private static (long Idle, long All)? Parse(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 6 || words[0] != "cpu")
        {
            return null;
        }

        long all = 0;
        long idle = 0;
        for (int i = 1; i < Math.Min(words.Length, 9); i++)
        {
            if (!long.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out long ticks))
            {
                return null;
            }

            all += ticks;
            idle += i is 4 or 5 ? ticks : 0;
        }

        return (idle, all);
    }

    private static string? Read()
    {
        try
        {
            using var reader = new StreamReader("/proc/stat");
            return reader.ReadLine();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
