using ClusterTransfer.Model.Control;
using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Simulation.World;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Faults;

/// <summary>What happens to processes: P and K6, B1.</summary>
internal static class ProcessFaults
{
    private static readonly NativeCall[] Durable =
        [NativeCall.Flush, NativeCall.FlushData, NativeCall.FlushFileSystem, NativeCall.Rename, NativeCall.CreateFile, NativeCall.CreateFolder, NativeCall.Write, NativeCall.Remove];

    public static void KillAtNamedPoint(FaultDesk desk)
    {
        switch (desk.Random.Next(8))
        {
            case 0 or 1:
                AtCall(desk, "P1", desk.Cluster.Destination, Durable[desk.Random.Next(Durable.Length)], desk.Random.Next(1, 4));
                break;
            case 2:
                AtCall(desk, "P1", desk.Cluster.Source, desk.World.Chance(0.5) ? NativeCall.Read : NativeCall.FlushData, desk.Random.Next(1, 6));
                break;
            case 3:
                AtFrame(desk, desk.Cluster.Source, "u2, a chunk is sent", header => header.Type == FrameType.Chunk);
                break;
            case 4:
                AtFrame(desk, desk.Cluster.Source, "u3, an acknowledgement is on its way", header => header.Type == FrameType.Ack);
                break;
            case 5:
                AtFrame(desk, desk.Cluster.Destination, "d8, a durable acknowledgement is sent", header => header.Flags.HasFlag(FrameFlags.Durable));
                break;
            case 6:
                AtMessage(desk);
                break;
            default:
                AtJournal(desk);
                break;
        }
    }

    public static void KillAtDurableCall(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 40);
        SimNode node = desk.World.Chance(0.8) ? desk.Cluster.Destination : desk.Cluster.Source;
        desk.OnCall((of, call, handle) =>
        {
            if (of == node && Array.IndexOf(Durable, call) >= 0 && --left == 0)
            {
                desk.Fire("P3", $"{node.Name} before {call} of {Short(handle)}");
                desk.KillAndRestart(node, $"before {call}", Pause(desk));
            }

            return Errno.None;
        });
    }

    public static void KillAgainAndAgain(FaultDesk desk)
    {
        SimNode node = desk.AnyNode();
        int left = desk.Random.Next(2, 6);
        desk.Sometime(Kill);

        void Kill()
        {
            if (node.IsUp)
            {
                desk.Fire("P2", $"{node.Name}, {left} left");
                desk.KillAndRestart(node, "at a random time", desk.World.Between(5, 500));
            }

            if (--left > 0)
            {
                desk.After(desk.World.Between(10, 1200), Kill);
            }
        }
    }

    public static void KillAll(FaultDesk desk) => desk.Sometime(() =>
    {
        desk.Fire("K6", "all nodes");
        foreach (SimNode node in desk.Cluster.Nodes)
        {
            desk.KillAndRestart(node, "all at once", desk.World.Between(5, 3000));
        }
    });

    public static void Terminate(FaultDesk desk)
    {
        SimNode node = desk.AnyNode();
        desk.Sometime(() =>
        {
            if (node.Process is not { IsFrozen: false } process)
            {
                return;
            }

            desk.Fire("P4", node.Name.Value);
            process.OnDeath += () => desk.World.Later(Pause(desk), node.Start);
            node.Terminate();
        });
    }

    public static void Freeze(FaultDesk desk)
    {
        SimNode node = desk.AnyNode();
        double seconds = desk.Random.Next(10) switch { < 5 => 5, < 9 => 60, _ => 600 };
        desk.Sometime(() =>
        {
            if (node.Process is { IsFrozen: false } process)
            {
                desk.Fire("P5", $"{node.Name} for {seconds} s");
                FreezeFor(desk, node, process, TimeSpan.FromSeconds(seconds));
            }
        });
    }

    public static void HubAway(FaultDesk desk)
    {
        SimNode node = desk.World.Chance(0.5) ? desk.Cluster.Source : desk.Cluster.Destination;
        desk.Sometime(() =>
        {
            desk.Fire("B1", $"{node.Name} and the hub do not reach each other");
            desk.Cluster.Bus.SetAway(node.Name, true);
            desk.World.Later(desk.World.Between(1000, 20_000), () => desk.Cluster.Bus.SetAway(node.Name, false));
        });
    }

    /// <summary>Stops a process for a while. The hub's link to it ends as heartbeats do.</summary>
    public static void FreezeFor(FaultDesk desk, SimNode node, SimProcess process, TimeSpan time)
    {
        process.Freeze();
        desk.MayMissReport |= node == desk.Cluster.Source && time > new CoordinationOptions().SourceReportTimeout;
        if (time > TimeSpan.FromSeconds(15))
        {
            desk.After(TimeSpan.FromSeconds(15), () => desk.Cluster.Bus.SetAway(node.Name, true));
        }

        desk.World.Later(time, () =>
        {
            desk.World.Story.Tell(node.Name.Value, "runs again");
            process.Thaw();
            desk.Cluster.Bus.SetAway(node.Name, false);
        });
    }

    private static void AtCall(FaultDesk desk, string row, SimNode node, NativeCall call, int count)
    {
        bool after = desk.World.Chance(0.5);
        bool isDue = false;
        bool isDone = false;
        desk.OnCall((of, made, handle) =>
        {
            if (isDone || of != node)
            {
                return Errno.None;
            }

            // After a call is before the next one, whatever that is.
            if (isDue || (made == call && --count == 0 && !(isDue = after)))
            {
                isDone = true;
                desk.Fire(row, $"{node.Name} {(after ? "after" : "before")} {call}, at {Short(handle)}");
                desk.KillAndRestart(node, $"{(after ? "after" : "before")} {call}", Pause(desk));
            }

            return Errno.None;
        });
    }

    private static void AtFrame(FaultDesk desk, SimNode node, string what, Predicate<FrameHeader> matches)
    {
        int left = desk.Random.Next(1, 4);
        desk.OnFrame((_, _, frame) =>
        {
            if (matches(frame.Header) && --left == 0 && node.IsUp)
            {
                desk.Fire("P1", $"{node.Name} at {what}");
                desk.World.Later(desk.World.Between(0, 3), () => desk.KillAndRestart(node, what, Pause(desk)));
            }

            return false;
        });
    }

    private static void AtMessage(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 12);
        desk.OnMessage((from, to, message) =>
        {
            if (message is not (SessionProgressed or SessionNoted) && --left == 0 && desk.Cluster.NodeOf(desk.World.Chance(0.5) ? from : to) is { } node)
            {
                desk.Fire("P1", $"{node.Name} at {message.GetType().Name} from {from.Node} to {to.Node}");
                desk.World.Later(desk.World.Between(0, 6), () => desk.KillAndRestart(node, $"at {message.GetType().Name}", Pause(desk)));
            }

            return null;
        });
    }

    private static void AtJournal(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 7);
        JournalMoment at = desk.World.Chance(0.5) ? JournalMoment.Before : JournalMoment.After;
        desk.OnWrite((_, moment) =>
        {
            if (moment != at || --left != 0)
            {
                return false;
            }

            desk.Fire("P1", $"the hub {moment} a write of the transfer journal");
            desk.KillAndRestart(desk.Cluster.HubNode, "at the transfer journal", Pause(desk));
            return true;
        });
    }

    private static TimeSpan Pause(FaultDesk desk) => desk.World.Between(5, desk.World.Chance(0.2) ? 8000 : 800);

    private static string Short(NativeHandle handle) => handle.Display[(handle.Display.LastIndexOf('/') + 1)..];
}
