using System.Globalization;

namespace ClusterTransfer.Benchmarks.Transfer.Processes;

/// <summary>A process as <c>/proc/PID/stat</c> shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Parent">Its parent's id.</param>
/// <param name="IsZombie">It has ended and was not waited for yet.</param>
/// <param name="CpuSeconds">Processor time of its own and of all descendants that were waited for.</param>
/// <param name="StartTicks">When it started, since boot: with the id it tells a process from a later one of the same id.</param>
internal readonly record struct ProcessStat(int Id, int Parent, bool IsZombie, double CpuSeconds, long StartTicks)
{
    /// <summary>Reads one process; null when it is gone.</summary>
    public static ProcessStat? Read(int id)
    {
        try
        {
            return Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat")), LibC.TicksPerSecond);
        }
        catch (IOException)
        {
            return null;   // It ended; a process that ends while its file is read is ESRCH.
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Understands a line of <c>/proc/PID/stat</c>.</summary>
    /// <param name="line">The line.</param>
    /// <param name="ticksPerSecond">Its unit of time.</param>
    public static ProcessStat Parse(string line, double ticksPerSecond)
    {
        // The name stands in brackets and may itself hold blanks and brackets: what follows begins behind the last one.
        int named = line.LastIndexOf(')');
        string[] fields = line[(named + 2)..].Split(' ');
        long ticks = Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
        return new ProcessStat((int)Number(line[..line.IndexOf(' ', StringComparison.Ordinal)]), (int)Number(fields[1]), fields[0] is "Z" or "X", ticks / ticksPerSecond, Number(fields[19]));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
