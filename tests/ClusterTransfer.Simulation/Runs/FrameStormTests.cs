using System.Globalization;
using ClusterTransfer.Model;
using ClusterTransfer.Simulation.Faults;
using ClusterTransfer.Simulation.Network;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Runs;

/// <summary>Transfers in which most frames come twice, overtaken by others, or long after their time.</summary>
public sealed class FrameStormTests
{
    // What is kept to come late; older ones make room.
    private const int Kept = 64;

    /// <summary>CLUSTERTRANSFER_FRAMES: how many frames are to be doubled, reordered or late in all (20,000).</summary>
    [Fact]
    [Trait("row", "N7")]
    [Trait("row", "N8")]
    public void Frames_DoubledReorderedAndLate_ChangeNoFile()
    {
        long wanted = long.Parse(Environment.GetEnvironmentVariable("CLUSTERTRANSFER_FRAMES") ?? "20000", CultureInfo.InvariantCulture);
        int next = 0;
        long doubled = 0;
        long reordered = 0;
        long late = 0;
        var broken = new List<SeedResult>();
        Thread[] workers = [.. Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, 1, 8)).Select(_ => new Thread(() =>
        {
            using var place = new Workplace();
            while (Interlocked.Read(ref doubled) + Interlocked.Read(ref reordered) + Interlocked.Read(ref late) < wanted)
            {
                SeedResult result = SimRun.Of(Interlocked.Increment(ref next), place, arm: Arm);
                if (result.Violation is not null || result.State != TransferState.Completed)
                {
                    lock (broken) { broken.Add(result); }
                }
            }
        }))];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());

        Console.WriteLine($"{next} transfers; frames doubled {doubled}, reordered {reordered}, late {late}; {broken.Count} transfers changed or not completed");
        Assert.True(broken.Count == 0, string.Join('\n', broken.Take(3).Select(result => $"Seed {result.Seed}: {result.State} {result.Violation}\n{result.Story}")));
        Assert.True(doubled > wanted / 10 && reordered > wanted / 100 && late > wanted / 100, $"doubled {doubled}, reordered {reordered}, late {late}");

        void Arm(FaultDesk desk)
        {
            var kept = new Queue<(FrameHeader Header, byte[] Body, NodeId From)>();
            desk.OnFrame((link, from, frame) =>
            {
                // Of the connection itself, and bound to it: a copy there is another connection's end, which the catalogue draws.
                if (frame.Header.Type is FrameType.Hello or FrameType.Goodbye or FrameType.SessionProof or FrameType.Ping || frame.Body is null)
                {
                    return false;
                }

                SimEnd to = link.Other(from);
                kept.Enqueue((frame.Header, frame.Body.Memory.ToArray(), from.Process.Node));
                if (kept.Count > Kept)
                {
                    kept.Dequeue();
                }

                for (int copies = desk.Random.Next(8); copies > 0; copies--)
                {
                    Interlocked.Increment(ref doubled);
                    link.Deliver(to, frame.Copy(desk.Cluster.Network.PoolOf(to.Process)), desk.World.Between(0, 300));
                }

                for (int old = desk.Random.Next(4); old > 0; old--)
                {
                    Inject(link);
                }

                // A frame of pages is asked for again when its predecessor is missing, a bounded number of times.
                if (frame.Header.Type is FrameType.Chunk or FrameType.Ack or FrameType.FileDone && desk.World.Chance(0.3))
                {
                    Interlocked.Increment(ref reordered);
                    link.Deliver(to, frame, desk.World.Between(1, 300));
                    return true;
                }

                return false;

                void Inject(SimLink over)
                {
                    (FrameHeader header, byte[] body, NodeId sender) = kept.ElementAt(desk.Random.Next(kept.Count));
                    SimEnd target = over.Dialler.Process.Node == sender ? over.Listener : over.Dialler;
                    if (!target.IsClosed)
                    {
                        Interlocked.Increment(ref late);
                        over.Deliver(target, SimFrame.Of(header, body, default, desk.Cluster.Network.PoolOf(target.Process)), desk.World.Between(100, 3000));
                    }
                }
            });

            // So that some are of an epoch that is over, and some come after the end.
            desk.Sometime(() => desk.KillAndRestart(desk.World.Chance(0.5) ? desk.Cluster.Source : desk.Cluster.Destination, "a new epoch", TimeSpan.FromMilliseconds(200)));
        }
    }
}
