using System.Globalization;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Compression;

namespace ClusterTransfer.Cli.Doctor;

/// <summary>What the kernel of this machine gives, read from its <c>/proc</c>.</summary>
/// <param name="proc">Where that is.</param>
internal sealed class MachineChecks(string proc)
{
    private const long DescriptorsWanted = 4096;
    private static readonly Version KernelWanted = new(5, 8);

    /// <param name="nodeIsLocal">Whether the node runs here, too.</param>
    public IEnumerable<Check> Of(bool nodeIsLocal)
    {
        yield return Descriptors();
        yield return nodeIsLocal ? Codecs() : Check.Skip("codecs", "No node of this machine is asked.");
        yield return nodeIsLocal ? Kernel() : Check.Skip("kernel", "No node of this machine is asked.");
    }

    // Each connection and each file in work takes one; what is free is the less of what this user's processes and the system have.
    private Check Descriptors()
    {
        if (LimitOfProcess() is not { } limit || LimitOfSystem() is not { } system)
        {
            return Check.Skip("descriptors", "This system does not say how many there are.");
        }

        long free = Math.Max(0, Math.Min(limit, system));
        string detail = $"{Units.Count(free)} file descriptors are free for what is started here.";
        return free >= DescriptorsWanted
            ? Check.Ok("descriptors", detail)
            : Check.Warn("descriptors", $"Only {detail} A node wants {Units.Count(DescriptorsWanted)}.", "ulimit -n 65536   # before 'ct node run'; LimitNOFILE=65536 in its unit");
    }

    private static Check Codecs()
    {
        string[] missing = [.. NativeCodec.All.Where(one => !one.Native.IsAvailable).Select(one => $"{one.Codec} ({one.Native.Library})")];
        return missing.Length == 0
            ? Check.Ok("codecs", "LZ4 and Zstandard are there to compress with on slow links.")
            : Check.Warn("codecs", $"Not there: {string.Join(" and ", missing)}. Chunks are neither sent nor taken with it.", "apt-get install liblz4-1 libzstd1   # then restart the node");
    }

    private Check Kernel()
    {
        if (ReadLine("sys/kernel/osrelease") is not { } release || !Version.TryParse(string.Join('.', release.Split('.', '-').Take(2)), out Version? version))
        {
            return Check.Skip("kernel", "This system does not say which kernel it has.");
        }

        return version >= KernelWanted
            ? Check.Ok("kernel", $"Linux {release} has what a node needs.")
            : Check.Fail("kernel", Failure.Of(new Problem(Reason.VersionMismatch, $"Linux {release} is too old for a node: it lacks openat2 (5.6) or errors from syncfs (5.8).")) with
            {
                Remedy = $"Run the node on Linux {KernelWanted} or newer.",
            });
    }

    private long? LimitOfProcess()
    {
        string[]? words = Read("self/limits")?.Split('\n').FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is ["Max", "open", "files", var soft, ..]
            ? (soft == "unlimited" ? long.MaxValue : long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit - Used() : null)
            : null;
    }

    private long? LimitOfSystem() =>
        ReadLine("sys/fs/file-nr")?.Split('\t', ' ') is [var used, _, var most]
        && long.TryParse(used, NumberStyles.None, CultureInfo.InvariantCulture, out long taken) && long.TryParse(most, NumberStyles.None, CultureInfo.InvariantCulture, out long limit)
            ? limit - taken
            : null;

    private int Used()
    {
        string folder = Path.Combine(proc, "self", "fd");
        return Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder).Length : 0;
    }

    private string? ReadLine(string file) => Read(file)?.Split('\n')[0].Trim();

    private string? Read(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(proc, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;   // then the check says that it cannot tell
        }
    }
}
