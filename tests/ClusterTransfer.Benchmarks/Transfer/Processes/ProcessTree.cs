using System.Diagnostics;
using System.Globalization;

namespace ClusterTransfer.Benchmarks.Transfer.Processes;

/// <summary>A process and all its living descendants.</summary>
internal static class ProcessTree
{
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(10);

    /// <summary>The processes of some trees, parents before children; those that are gone are left out.</summary>
    /// <param name="roots">Where the trees begin.</param>
    public static IReadOnlyList<ProcessStat> Of(IEnumerable<int> roots)
    {
        var children = new Dictionary<int, List<ProcessStat>>();
        var found = new List<ProcessStat>();
        var wanted = roots.ToHashSet();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && ProcessStat.Read(id) is { } stat)
            {
                if (wanted.Contains(id))
                {
                    found.Add(stat);
                }
                else if (children.TryGetValue(stat.Parent, out List<ProcessStat>? siblings))
                {
                    siblings.Add(stat);
                }
                else
                {
                    children[stat.Parent] = [stat];
                }
            }
        }

        for (int index = 0; index < found.Count; index++)
        {
            found.AddRange(children.GetValueOrDefault(found[index].Id) ?? []);
        }

        return found;
    }

    /// <summary>Processor seconds of some trees: the living, and whom they have waited for.</summary>
    public static double CpuSeconds(IEnumerable<int> roots) => Of(roots).Sum(process => process.CpuSeconds);

    /// <summary>Ends trees: SIGTERM to the roots, then to those of their descendants that they left behind, and SIGKILL to whoever is there after the patience.</summary>
    /// <param name="roots">Processes this program started.</param>
    /// <param name="patience">How long they get.</param>
    public static async Task StopAsync(IReadOnlyCollection<int> roots, TimeSpan patience)
    {
        IReadOnlyList<ProcessStat> all = Of(roots);
        Signal(all.Where(process => roots.Contains(process.Id)), LibC.SigTerm);
        long began = Stopwatch.GetTimestamp();
        bool areOrphansTold = false;
        while (all.Any(IsAlive))
        {
            TimeSpan waited = Stopwatch.GetElapsedTime(began);
            if (waited > patience + KillPatience)
            {
                return;   // It waits for a device; the kernel ends it when that answers.
            }

            if (waited > patience)
            {
                Signal(all, LibC.SigKill);
            }
            else if (!areOrphansTold && !all.Any(process => roots.Contains(process.Id) && IsAlive(process)))
            {
                Signal(all, LibC.SigTerm);
                areOrphansTold = true;
            }

            await Task.Delay(10).ConfigureAwait(false);
        }
    }

    // An id may belong to somebody else by now: only those who still are who they were.
    private static void Signal(IEnumerable<ProcessStat> processes, int signal)
    {
        foreach (ProcessStat process in processes.Where(IsAlive))
        {
            LibC.Signal(process.Id, signal);
        }
    }

    private static bool IsAlive(ProcessStat process) => ProcessStat.Read(process.Id) is { IsZombie: false } now && now.StartTicks == process.StartTicks;
}
