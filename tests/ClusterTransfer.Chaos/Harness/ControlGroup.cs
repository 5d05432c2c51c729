using System.Globalization;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>A limit of the kernel on all that the processes in it use together: control groups of version 2, or of version 1 where that is what the machine has.</summary>
internal sealed class ControlGroup : IDisposable
{
    private const string Mount = "/sys/fs/cgroup";
    private readonly string _folder;
    private readonly string _file;
    private readonly string _unlimited;

    private ControlGroup(string folder, string file, string limit, string unlimited)
    {
        (_folder, _file, _unlimited) = (folder, file, unlimited);
        File.WriteAllText(Path.Combine(folder, file), limit);
    }

    /// <summary>Runs a command within the group from its first instruction on: for <see cref="NodeProcess.Wrapper"/>.</summary>
    public IReadOnlyList<string> Wrapper => ["/bin/sh", "-c", $"echo $$ > '{_folder}/cgroup.procs' && exec \"$@\"", "sh"];

    /// <summary>Part of one processor, in percent; null where this process may not make such a group.</summary>
    public static ControlGroup? TryProcessor(int percent) =>
        TryMake("cpu", "cpu.max", string.Create(CultureInfo.InvariantCulture, $"{percent * 1000} 100000"), "max 100000")
        ?? TryMake("cpu", "cpu.cfs_quota_us", string.Create(CultureInfo.InvariantCulture, $"{percent * 1000}"), "-1");

    /// <summary>Bytes of memory, the page cache included; null where this process may not make such a group.</summary>
    public static ControlGroup? TryMemory(long bytes) =>
        TryMake("memory", "memory.max", bytes.ToString(CultureInfo.InvariantCulture), "max")
        ?? TryMake("memory", "memory.limit_in_bytes", bytes.ToString(CultureInfo.InvariantCulture), "-1");

    /// <summary>Moves a process into it.</summary>
    public void Add(NodeProcess node) => File.WriteAllText(Path.Combine(_folder, "cgroup.procs"), node.Run.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Takes the limit away; who is in it stays.</summary>
    public void Lift() => File.WriteAllText(Path.Combine(_folder, _file), _unlimited);

    /// <summary>Sets another limit, as the file takes it; whoever has more already is not asked to give it back.</summary>
    public void Set(string limit) => File.WriteAllText(Path.Combine(_folder, _file), limit);

    /// <summary>A number of a file of it, such as how often the limit was felt; 0 where there is none.</summary>
    public long Number(string file, string name)
    {
        string path = Path.Combine(_folder, file);
        string? line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) : null;
        return line is null ? 0 : long.Parse(line[name.Length..].Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>The group goes; its processes must have ended.</summary>
    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder);
        }
        catch (IOException)
        {
            // Somebody is still ending in it. An empty group costs nothing.
        }
    }

    private static ControlGroup? TryMake(string controller, string file, string limit, string unlimited)
    {
        // Version 1 has a tree for each controller.
        string parent = Directory.Exists(Path.Combine(Mount, controller)) ? Path.Combine(Mount, controller) : Mount;
        string folder = Path.Combine(parent, $"ct-chaos-{Guid.NewGuid():N}");
        try
        {
            if (parent == Mount && File.Exists(Path.Combine(Mount, "cgroup.subtree_control")))
            {
                File.WriteAllText(Path.Combine(Mount, "cgroup.subtree_control"), $"+{controller}");
            }

            Directory.CreateDirectory(folder);
            if (File.Exists(Path.Combine(folder, file)))
            {
                return new ControlGroup(folder, file, limit, unlimited);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not ours to use.
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder);
        }

        return null;
    }
}
