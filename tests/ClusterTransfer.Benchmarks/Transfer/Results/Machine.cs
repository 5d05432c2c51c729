using System.Globalization;
using System.Runtime.InteropServices;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Servers;

namespace ClusterTransfer.Benchmarks.Transfer.Results;

/// <summary>Where and when it was measured, for the head of the report.</summary>
/// <param name="Lines">One fact each.</param>
/// <param name="IsBusy">Somebody else worked before it began.</param>
internal sealed record Machine(IReadOnlyList<string> Lines, bool IsBusy)
{
    private const double BusyFrom = 0.10;   // Part of all processors.
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(2);
    private static readonly (string Program, string Flag)[] Versions =
        [("rsync", "--version"), ("ssh", "-V"), ("nginx", "-v"), ("curl", "--version"), ("rclone", "version"), ("aria2c", "--version")];

    /// <summary>Looks around; takes some seconds.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="work">The folder that is copied in.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<Machine> LookAsync(string root, string work, CancellationToken cancellationToken)
    {
        string load = (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0];
        double before = ProcessorTime.MachineSeconds();
        await Task.Delay(Watch, cancellationToken);
        double busy = (ProcessorTime.MachineSeconds() - before) / Watch.TotalSeconds / Environment.ProcessorCount;
        string commit = await FirstLineAsync(new Command("git", "-C", root, "rev-parse", "--short", "HEAD"), cancellationToken);
        bool isChanged = (await FirstLineAsync(new Command("git", "-C", root, "status", "--porcelain", "--untracked-files=no"), cancellationToken)).Length > 0;
        var versions = new List<string>();
        foreach ((string program, string flag) in Versions.Where(one => Programs.Find(one.Program) is not null))
        {
            versions.Add(await FirstLineAsync(new Command(Programs.Find(program)!, flag), cancellationToken));
        }

        string congestion = (await File.ReadAllTextAsync("/proc/sys/net/ipv4/tcp_congestion_control", cancellationToken)).Trim();
        return new Machine(
            [
                string.Create(CultureInfo.InvariantCulture, $"Machine: {Value("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} logical processors, {Kibibytes("MemTotal") / 1048576.0:0} GiB memory"),
                $"System: {Value("/etc/os-release", "PRETTY_NAME").Trim('"')}, Linux {Value("/proc/version", "Linux version").Split(' ')[0]}, TCP {congestion}, work folder on {FileSystem(work)}",
                string.Create(CultureInfo.InvariantCulture, $"When: {TimeProvider.System.GetLocalNow():yyyy-MM-dd HH:mm zzz}, commit {commit}{(isChanged ? " with changes" : "")}, {RuntimeInformation.FrameworkDescription}"),
                string.Create(CultureInfo.InvariantCulture, $"Before it began: load {load}, {busy * 100:0} % of the processors in use"),
                "Tools: " + string.Join("; ", versions.Select(version => string.Join(' ', version.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(3)))),
            ],
            busy > BusyFrom);
    }

    private static async Task<string> FirstLineAsync(Command command, CancellationToken cancellationToken)
    {
        try
        {
            await using RunningProcess process = RunningProcess.Start(command);
            await process.EndAsync(cancellationToken);
            return process.Head();
        }
        catch (BenchmarkException)
        {
            return "unknown";
        }
    }

    private static string Value(string file, string key) =>
        File.Exists(file) && File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line
            ? line[key.Length..].Trim().TrimStart(':', '=').Trim()
            : "unknown";

    private static long Kibibytes(string key) => long.Parse(Value("/proc/meminfo", key).Split(' ')[0], CultureInfo.InvariantCulture);

    private static string FileSystem(string folder) => File.ReadLines("/proc/mounts").Select(line => line.Split(' '))
        .Where(mount => mount[1] == "/" || (folder + "/").StartsWith(mount[1] + "/", StringComparison.Ordinal))
        .MaxBy(mount => mount[1].Length)?[2] ?? "unknown";
}
