using System.Globalization;

namespace ClusterTransfer.Benchmarks.Transfer.Processes;

/// <summary>A process and all its living descendants.</summary>
internal static class ProcessTree
{
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

    /// <summary>Ends trees: SIGTERM to the roots, which end their own children, and SIGKILL to whoever of them is left after the patience.</summary>
    /// <param name="roots">Processes this program started.</param>
    /// <param name="patience">How long they get.</param>
    public static async Task StopAsync(IReadOnlyCollection<int> roots, TimeSpan patience)
    {
        IReadOnlyList<ProcessStat> all = Of(roots);
        foreach (int root in roots)
        {
            LibC.Signal(root, LibC.SigTerm);
        }

        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (all.Any(IsAlive))
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(began) > patience)
            {
                foreach (ProcessStat left in all.Where(IsAlive))
                {
                    LibC.Signal(left.Id, LibC.SigKill);
                }

                return;
            }

            await Task.Delay(10).ConfigureAwait(false);
        }
    }

    private static bool IsAlive(ProcessStat process) => ProcessStat.Read(process.Id) is { IsZombie: false } now && now.StartTicks == process.StartTicks;
}
