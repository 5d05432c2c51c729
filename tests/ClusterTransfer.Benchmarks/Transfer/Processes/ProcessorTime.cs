using System.Globalization;

namespace ClusterTransfer.Benchmarks.Transfer.Processes;

/// <summary>How long the processors of the machine have worked.</summary>
internal static class ProcessorTime
{
    /// <summary>Seconds since boot, of all processors and all processes together.</summary>
    public static double MachineSeconds() => Parse(File.ReadLines("/proc/stat").First(), LibC.TicksPerSecond);

    /// <summary>Understands the first line of <c>/proc/stat</c>.</summary>
    /// <param name="line">user nice system idle iowait irq softirq steal guest guest_nice.</param>
    /// <param name="ticksPerSecond">Its unit.</param>
    public static double Parse(string line, double ticksPerSecond)
    {
        // Guests are in user and nice already; idle, iowait and stolen time are no work of ours or theirs.
        double[] ticks = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / ticksPerSecond;
    }
}
