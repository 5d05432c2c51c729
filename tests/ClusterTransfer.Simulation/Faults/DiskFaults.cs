using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Simulation.Faults;

/// <summary>What happens to disks: a few of D, for company.</summary>
internal static class DiskFaults
{
    public static void NoSpace(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 20);
        TimeSpan? until = null;
        TimeSpan time = desk.World.Between(100, 5000);
        desk.OnCall((node, call, _) =>
        {
            if (node != desk.Cluster.Destination || call is not (NativeCall.Write or NativeCall.Allocate or NativeCall.CreateFile) || --left > 0)
            {
                return Errno.None;
            }

            if (until is null)
            {
                until = desk.World.Time.Elapsed + time;
                desk.MayEndOtherwise = true;
                desk.Fire("D3", $"at {call}, for {time.TotalSeconds:0.0} s");
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
