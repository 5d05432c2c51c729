using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Simulation.Faults;

/// <summary>What happens to disks: a few of D, for company.</summary>
internal static class DiskFaults
{
    // Calls that take blocks of a disk.
    private static readonly NativeCall[] Takers =
        [NativeCall.Write, NativeCall.Allocate, NativeCall.CreateFile, NativeCall.CreateFolder, NativeCall.Rename, NativeCall.Link, NativeCall.Resize];

    /// <summary>Space goes away and comes back: a transfer that has begun waits for it and completes.</summary>
    public static void NoSpace(FaultDesk desk)
    {
        bool fromTheStart = desk.World.Chance(0.2);
        SpaceGoes(desk, desk.Cluster.Destination, fromTheStart, desk.Random.Next(1, 30), desk.World.Between(100, 50_000));
    }

    /// <summary>No space from one of the calls that need some on, for a time.</summary>
    /// <param name="desk">Where the fault waits.</param>
    /// <param name="node">Whose disk.</param>
    /// <param name="fromTheStart">Whether calls count before anything has arrived; then the transfer may fail instead.</param>
    /// <param name="at">The number of the call, from 1.</param>
    /// <param name="time">How long there is none.</param>
    public static void SpaceGoes(FaultDesk desk, SimNode node, bool fromTheStart, int at, TimeSpan time)
    {
        TimeSpan? until = null;
        desk.OnCall((of, call, _) =>
        {
            if (of != node || !Takers.Contains(call) || !(fromTheStart || desk.HasArrived) || --at > 0)
            {
                return Errno.None;
            }

            if (until is null)
            {
                until = desk.World.Time.Elapsed + time;
                desk.FullUntil(node, until.Value);
                desk.MayEndOtherwise |= !desk.HasArrived;
                desk.Fire("D3", $"{of.Name}, at {call}, for {time.TotalSeconds:0.0} s");
            }

            return desk.World.Time.Elapsed < until ? Errno.NoSpace : Errno.None;
        });
    }

    public static void InputOutput(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 15);
        bool read = desk.World.Chance(0.3);
        desk.OnCall((node, call, _) =>
        {
            if (node != (read ? desk.Cluster.Source : desk.Cluster.Destination) || call != (read ? NativeCall.Read : NativeCall.Write) || --left != 0)
            {
                return Errno.None;
            }

            desk.MayEndOtherwise = true;
            desk.Fire("D5", $"{node.Name}, {call}");
            return Errno.InputOutput;
        });
    }

    public static void FailedFlush(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 10);
        SimNode node = desk.World.Chance(0.8) ? desk.Cluster.Destination : desk.Cluster.Source;
        desk.OnCall((of, call, handle) =>
        {
            if (of != node || call is not (NativeCall.Flush or NativeCall.FlushData or NativeCall.FlushFileSystem) || --left != 0)
            {
                return Errno.None;
            }

            // What a flush that fails was for is discarded and fetched again, durable chunks of the same file included.
            desk.MayEndOtherwise = true;
            desk.MayLoseDurable = true;
            desk.Fire("D6", $"{node.Name}, {call} of {handle.Display[(handle.Display.LastIndexOf('/') + 1)..]}");
            return Errno.InputOutput;
        });
    }

    public static void Slow(FaultDesk desk) => desk.Sometime(() =>
    {
        SimNode node = desk.AnyNode();
        double slowness = Math.Pow(10, 1 + (2 * desk.Random.NextDouble()));
        desk.Fire("D14", $"{node.Name}, {slowness:0} times slower");
        desk.Cluster.DiskSlowness[node] = slowness;
        desk.World.Later(desk.World.Between(1000, 10_000), () => desk.Cluster.DiskSlowness.Remove(node));
    });
}
