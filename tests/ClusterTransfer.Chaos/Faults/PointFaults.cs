using System.Globalization;

namespace ClusterTransfer.Chaos.Faults;

/// <summary>What a node does at its fail points: the test's end of FaultPoints/FaultReach.cs.</summary>
/// <param name="folder">Where the plan and the log are kept.</param>
internal sealed class PointFaults(string folder)
{
    private static int _plans;
    private readonly string _plan = Path.Combine(folder, "fault-plan");
    private readonly string _log = Path.Combine(folder, "fault-log");

    /// <summary>The environment of a node with fail points.</summary>
    public IEnumerable<(string Name, string Value)> Environment => [("CT_FAULT_PLAN", _plan), ("CT_FAULT_LOG", _log)];

    /// <summary>Every point that acted since the plan was set, with its hit: "d14.after 1 kill".</summary>
    public IReadOnlyList<string> Fired => File.Exists(_log) ? [.. File.ReadAllLines(_log).Select(line => line[..line.LastIndexOf(' ')])] : [];

    /// <summary>Sets the plan, and begins to count and to record anew. Without lines nothing happens any more.</summary>
    /// <param name="lines">As FaultReach.cs reads them: <c>NAME HIT ACTION</c>.</param>
    public void Set(params string[] lines)
    {
        File.Delete(_log);
        Write(lines);
    }

    /// <summary>Another plan, with what was recorded so far kept.</summary>
    public void Replace(params string[] lines) => Write(lines);

    // Each plan differs from the one before, or the node would not notice that counting begins anew.
    private void Write(string[] lines)
    {
        File.WriteAllLines(_plan + ".new", [string.Create(CultureInfo.InvariantCulture, $"# {Interlocked.Increment(ref _plans)}"), .. lines]);
        File.Move(_plan + ".new", _plan, overwrite: true);
    }
}
