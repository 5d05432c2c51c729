using System.Runtime.InteropServices;

namespace ClusterTransfer.Benchmarks.Transfer;

/// <summary>Memory of a virtual machine that its host has really given.</summary>
/// <remarks>
/// Where the host lends memory on first use and takes back what is free in large blocks, whoever is first to write a page pays for it, several times the price of
/// the copy. So memory is touched before anything is measured, and one page of each MiB is kept until the end: free blocks stay too small to be taken back.
/// </remarks>
internal sealed partial class MemoryTouch : IDisposable
{
    private const nuint Page = 4096;
    private const nuint Kept = 1 << 20;
    private const int ReadWrite = 1 | 2;
    private const int PrivateAnonymousLazy = 0x02 | 0x20 | 0x4000;   // MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE
    private const int DontNeed = 4;
    private const int NoHugePage = 15;

    private readonly nint _start;
    private readonly nuint _length;

    /// <summary>Touches so many bytes.</summary>
    /// <exception cref="BenchmarkException">The kernel gives no such piece of address space.</exception>
    public unsafe MemoryTouch(long bytes)
    {
        _length = (nuint)bytes / Kept * Kept;
        if (_length == 0)
        {
            return;
        }

        _start = Map(0, _length, ReadWrite, PrivateAnonymousLazy, -1, 0);
        if (_start == -1)
        {
            throw new BenchmarkException($"{bytes} bytes of memory cannot be mapped: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}; see --touch");
        }

        _ = Advise(_start, _length, NoHugePage);   // Best effort: with huge pages it touches the same memory.
        byte* first = (byte*)_start;
        for (nuint at = 0; at < _length; at += Page)
        {
            first[at] = 1;
        }

        for (nuint at = 0; at < _length; at += Kept)
        {
            _ = Advise(_start + (nint)(at + Page), Kept - Page, DontNeed);
        }
    }

    /// <summary>How much to touch for so much data: three times it, but never more than half of what is free.</summary>
    public static long Suggest(long dataBytes)
    {
        string line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        long available = long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;
        return Math.Min(3 * dataBytes, available / 2);
    }

    public void Dispose()
    {
        if (_length > 0)
        {
            _ = Unmap(_start, _length);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
