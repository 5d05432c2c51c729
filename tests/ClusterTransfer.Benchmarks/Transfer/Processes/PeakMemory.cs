using System.Globalization;

namespace ClusterTransfer.Benchmarks.Transfer.Processes;

/// <summary>Peak resident memory of one end while a copy runs.</summary>
/// <remarks>
/// For an end of one process this is the kernel's own peak (<c>VmHWM</c>), set back before the copy. For an end of several it is the highest sum of their resident
/// sizes in any sample, but no less than the peak of any one of them. Pages they share count for each of them.
/// </remarks>
internal sealed class PeakMemory(params int[] roots)
{
    private const int ScanEvery = 5;   // A scan of /proc costs about 2 ms, a sample of known processes a tenth of it.
    private IReadOnlyList<ProcessStat> _processes = [];
    private long _bytes;
    private int _samples;

    /// <summary>In bytes; what was seen until now.</summary>
    public long Bytes => _bytes;

    /// <summary>Forgets the peaks of the living. Where the kernel does not offer that, they stay since the start of the process.</summary>
    public void Reset()
    {
        foreach (ProcessStat process in _processes = ProcessTree.Of(roots))
        {
            try
            {
                File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/clear_refs"), "5");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return;
            }
        }
    }

    /// <summary>Looks once.</summary>
    public void Sample()
    {
        if (_samples++ % ScanEvery == 0)
        {
            _processes = ProcessTree.Of(roots);
        }

        long sum = 0;
        foreach (ProcessStat process in _processes)
        {
            (long resident, long peak) = Read(process.Id);
            sum += resident;
            _bytes = Math.Max(_bytes, peak);
        }

        _bytes = Math.Max(_bytes, sum);
    }

    private static (long Resident, long Peak) Read(int id)
    {
        long resident = 0;
        long peak = 0;
        try
        {
            foreach (string line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/status")))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                {
                    peak = Kibibytes(line);
                }
                else if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                {
                    resident = Kibibytes(line);
                    break;
                }
            }
        }
        catch (IOException)
        {
            // It ended meanwhile.
        }

        return (resident * 1024, peak * 1024);
    }

    private static long Kibibytes(string line) => long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").TrimEnd(), CultureInfo.InvariantCulture);
}
