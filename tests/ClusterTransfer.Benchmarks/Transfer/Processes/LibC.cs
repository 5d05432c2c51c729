using System.Runtime.InteropServices;

namespace ClusterTransfer.Benchmarks.Transfer.Processes;

/// <summary>What the C library offers and .NET does not.</summary>
internal static partial class LibC
{
    public const int SigTerm = 15;
    public const int SigKill = 9;

    private const int ClockTicks = 2;      // _SC_CLK_TCK
    private const int UsageOfSelf = 0;
    private const int UsageOfChildren = -1;

    /// <summary>Units of the times in <c>/proc/PID/stat</c>, a second.</summary>
    public static double TicksPerSecond { get; } = Sysconf(ClockTicks);

    /// <summary>Sends a signal to one process; false when it is gone.</summary>
    public static bool Signal(int process, int signal) => Kill(process, signal) == 0;

    /// <summary>Writes every dirty page of the machine to its disk and waits for it.</summary>
    [LibraryImport("libc", EntryPoint = "sync")]
    public static partial void Sync();

    /// <summary>Processor seconds of all children that this process has waited for, and of those they had waited for.</summary>
    public static double SecondsOfEndedChildren()
    {
        ResourceUse use = default;
        return GetUsage(UsageOfChildren, ref use) == 0
            ? use.UserSeconds + use.SystemSeconds + ((use.UserMicroseconds + use.SystemMicroseconds) / 1e6)
            : throw new InvalidOperationException($"getrusage failed with {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Processor seconds in user mode: of this process, or of all children that it has waited for.</summary>
    public static double UserSeconds(bool ofChildren)
    {
        ResourceUse use = default;
        return GetUsage(ofChildren ? UsageOfChildren : UsageOfSelf, ref use) == 0
            ? use.UserSeconds + (use.UserMicroseconds / 1e6)
            : throw new InvalidOperationException($"getrusage failed with {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial long Sysconf(int name);

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsage(int who, ref ResourceUse use);

    /// <summary>struct rusage of 64-bit Linux: two times, then fourteen numbers of which none is needed here.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private struct ResourceUse
    {
        public long UserSeconds;
        public long UserMicroseconds;
        public long SystemSeconds;
        public long SystemMicroseconds;
    }
}
