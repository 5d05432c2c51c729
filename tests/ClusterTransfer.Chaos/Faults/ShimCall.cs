namespace ClusterTransfer.Chaos.Faults;

/// <summary>What the preload shim can tell apart, in the order of <c>enum kind</c> in Native/faultshim.c.</summary>
internal enum ShimCall
{
    Create,
    Write,
    Truncate,
    Allocate,
    Sync,
    DataSync,
    SyncFs,
    Rename,
    Link,
    Unlink,
    MakeFolder,
    SymbolicLink,
    ChangeMode,
    ChangeTimes,
    Close,
    Open,
    Read,
}

/// <summary>What happens to the calls that are hit, in the order of <c>enum mode</c> in Native/faultshim.c.</summary>
internal enum ShimMode
{
    /// <summary>Nothing: they are counted.</summary>
    Count,

    /// <summary>SIGKILL instead of the call.</summary>
    KillBefore,

    /// <summary>SIGKILL right after it.</summary>
    KillAfter,

    /// <summary>It fails with an error number and does nothing.</summary>
    Fail,

    /// <summary>Only the first half is written.</summary>
    Short,

    /// <summary>One bit of what is written, or of what was read, is another.</summary>
    Flip,

    /// <summary>It waits first.</summary>
    Delay,

    /// <summary>Half of it is written, then SIGKILL.</summary>
    Tear,
}

/// <summary>Sets of calls.</summary>
internal static class ShimCalls
{
    /// <summary>Everything that changes what is on the disk, or says that it is there.</summary>
    public const ulong Durable = (1UL << (int)ShimCall.Close) - 1;

    public static ulong Only(params ShimCall[] calls) => calls.Aggregate(0UL, (mask, call) => mask | (1UL << (int)call));
}

/// <summary>A fault of the shim: which calls, from the n-th on, and what becomes of them.</summary>
/// <param name="Mode">What becomes of them.</param>
/// <param name="First">Number of the first that is hit, from 1.</param>
/// <param name="Repeat">How many from there on.</param>
/// <param name="Argument">Error number, microseconds, or number of the bit.</param>
/// <param name="Calls">Which calls are counted.</param>
/// <param name="Name">If not empty: only those on paths that contain it.</param>
internal sealed record ShimFault(ShimMode Mode, ulong First, ulong Repeat = 1, ulong Argument = 0, ulong Calls = ShimCalls.Durable, string Name = "")
{
    public const ulong InputOutput = 5;
    public const ulong NoSpace = 28;
    public const ulong QuotaExceeded = 122;

    public static ShimFault None { get; } = new(ShimMode.Count, 1);
}
