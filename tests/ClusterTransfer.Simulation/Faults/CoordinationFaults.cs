using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Simulation.World;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Frames;
using TransferEvents = ClusterTransfer.Transfers.Coordination.TransferEvents;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Simulation.Faults;

/// <summary>What happens between coordinator, nodes and user: K, B3 and R1.</summary>
internal static class CoordinationFaults
{
    /// <summary>Another coordinator of the transfer writes first: this one loses the race for the place in the stream.</summary>
    public static void TwoCoordinators(FaultDesk desk)
    {
        int left = desk.Random.Next(1, 6);
        string stream = $"transfer-{desk.Cluster.Id}";
        desk.OnWrite((process, moment) =>
        {
            IReadOnlyList<object> events = desk.Cluster.Hub.Events.EventsOf(stream);
            if (moment != JournalMoment.Before || events.Count == 0 || events[^1] is TransferEvents.Ended || --left != 0)
            {
                return false;
            }

            // What changes nothing in the end: a pause that is taken back, or the resume of a pause that stands.
            DateTimeOffset now = process.Clock.GetUtcNow();
            bool isPaused = events.OfType<TransferEvents.PauseRequested>().Count() > events.OfType<TransferEvents.ResumeRequested>().Count();
            object[] others = isPaused ? [new TransferEvents.ResumeRequested(now)] : [new TransferEvents.PauseRequested(now), new TransferEvents.ResumeRequested(now)];
            desk.Fire("K1", $"another one writes event {events.Count + 1}");
            desk.Cluster.Hub.Events.AppendAsync(stream, events.Count, others, CancellationToken.None);
            return false;
        });
    }

    /// <summary>A coordinator that slept past its successor sends what it had in hand: commands of an epoch that is over.</summary>
    public static void LateCommands(FaultDesk desk)
    {
        int wanted = desk.Random.Next(1, 4);
        bool counted = false;
        desk.OnMessage((from, to, message) =>
        {
            if (message is not (OpenSession or StopSession or OutcomeRecorded { TransferEnded: false }) || wanted <= 0)
            {
                return null;
            }

            wanted--;
            Epoch epoch = ((SessionMessage)message).Epoch;
            NodeId node = to.Node;
            NodeId hub = from.Node;
            Again(tries: 30);
            return null;

            void Again(int tries) => desk.After(desk.World.Between(50, 2500), () =>
            {
                bool isOver = desk.Cluster.Hub.Events.EventsOf($"transfer-{desk.Cluster.Id}")
                    .Any(happened => happened is TransferEvents.Ended || (happened is TransferEvents.SessionGiven given && given.Epoch > epoch));
                if (isOver && desk.Cluster.Bus.Inject(hub, node, message))
                {
                    if (!counted)
                    {
                        counted = true;
                        desk.Fire("K2", $"{message.GetType().Name} of epoch {epoch} to {node}");
                    }
                }
                else if (tries > 0)
                {
                    Again(tries - 1);
                }
            });
        });
    }

    public static void StaleState(FaultDesk desk)
    {
        SimNode node = desk.World.Chance(0.7) ? desk.Cluster.Destination : desk.Cluster.Source;
        string folder = node == desk.Cluster.Destination
            ? Path.Combine(desk.Cluster.Folder, "dst", ".clustertransfer", desk.Cluster.Id.Value)
            : Path.Combine(node.OutgoingFolder, desk.Cluster.Id.Value);
        string copy = Path.Combine(desk.Cluster.Folder, $"yesterday-{node.Name}");
        desk.Sometime(() =>
        {
            if (!Directory.Exists(folder))
            {
                return;
            }

            Replace(copy, folder);
            desk.After(desk.World.Between(50, 1500), () =>
            {
                if (!node.IsUp || !Directory.Exists(folder))
                {
                    return;
                }

                desk.MayEndOtherwise = true;
                desk.MayLoseDurable = true;
                desk.Fire("K3", $"{node.Name} comes back as it was before");
                node.Kill("its state is replaced by an older one");
                Replace(folder, copy);
                desk.World.Later(desk.World.Between(5, 2000), node.Start);
            });
        });
    }

    public static void WordNotHeard(FaultDesk desk)
    {
        TimeSpan? until = null;
        TimeSpan time = desk.World.Between(1000, 30_000);
        bool answersToo = desk.World.Chance(0.3);
        desk.OnMessage((_, _, message) =>
        {
            if (message is not SessionEnded { Role: SessionRole.Destination } && !(answersToo && until is not null && message is OutcomeRecorded))
            {
                return null;
            }

            if (until is null)
            {
                until = desk.World.Time.Elapsed + time;
                desk.Fire("K4", $"for {time.TotalSeconds:0.0} s");
            }

            return desk.World.Time.Elapsed < until ? new BusFate(0, TimeSpan.Zero) : null;
        });
    }

    public static void Wishes(FaultDesk desk)
    {
        switch (desk.Random.Next(4))
        {
            case 0:
                desk.Sometime(Cancel);
                break;
            case 1:
                int renames = desk.Random.Next(1, 5);
                desk.OnCall((node, call, _) =>
                {
                    if (node == desk.Cluster.Destination && call == NativeCall.Rename && --renames == 0)
                    {
                        desk.World.Later(desk.World.Between(0, 20), Cancel);
                    }

                    return Errno.None;
                });
                break;
            case 2:
                bool asked = false;
                desk.OnFrame((_, _, frame) =>
                {
                    if (!asked && frame.Header.Type == FrameType.Stop)
                    {
                        asked = true;
                        desk.World.Later(desk.World.Between(0, 5), Cancel);
                    }

                    return false;
                });
                break;
            default:
                desk.Sometime(() => PauseAndResume(desk.Random.Next(1, 6)));
                break;
        }

        void Cancel()
        {
            desk.MayEndOtherwise = true;
            desk.Fire("K5", "cancel");
            desk.User.Cancel();
        }

        void PauseAndResume(int rounds)
        {
            desk.Fire("K5", "pause and resume");
            desk.User.Pause();
            desk.World.Later(desk.World.Between(0, desk.World.Chance(0.5) ? 50 : 5000), desk.User.Resume);
            if (rounds > 1)
            {
                desk.After(desk.World.Between(10, 3000), () => PauseAndResume(rounds - 1));
            }
        }
    }

    public static void BadBus(FaultDesk desk)
    {
        TimeSpan from = desk.World.Between(0, 1000);
        TimeSpan until = from + desk.World.Between(1000, 30_000);
        double loss = desk.Random.NextDouble() * 0.6;
        double twice = desk.Random.NextDouble() * 0.5;
        double late = desk.World.Chance(0.3) ? 20_000 : 1500;
        bool counted = false;
        desk.OnMessage((_, _, message) =>
        {
            if (desk.World.Time.Elapsed < from || desk.World.Time.Elapsed > until)
            {
                return null;
            }

            int copies = desk.World.Chance(loss) ? 0 : desk.World.Chance(twice) ? 2 : 1;
            TimeSpan extra = desk.World.Chance(0.3) ? desk.World.Between(0, late) : TimeSpan.Zero;
            if (!counted && (copies != 1 || extra > TimeSpan.Zero))
            {
                counted = true;
                desk.Fire("B3", $"loss {loss:0.00}, twice {twice:0.00}, up to {late} ms late; first {message.GetType().Name}");
            }

            return new BusFate(copies, extra);
        });
    }

    public static void ClockJumps(FaultDesk desk) => desk.Sometime(() =>
    {
        TimeSpan[] jumps = [TimeSpan.FromHours(1), TimeSpan.FromHours(-1), TimeSpan.FromDays(1), TimeSpan.FromDays(-1)];
        SimNode node = desk.AnyNode();
        desk.Fire("R1", node.Name.Value);
        node.JumpWallClock(jumps[desk.Random.Next(jumps.Length)]);
    });

    private static void Replace(string folder, string by)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(by, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(folder, Path.GetRelativePath(by, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);

            // By hand: File.Copy asks for a lock, and the node holds one.
            using FileStream from = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using FileStream to = File.Create(target);
            from.CopyTo(to);
        }
    }
}
