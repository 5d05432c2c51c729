using ClusterTransfer.Model;
using ClusterTransfer.Simulation.Faults;
using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Runs;

/// <summary>One fault at every place it can have, where chance found one of them first.</summary>
public sealed class DirectedFaultTests
{
    [Fact]
    [Trait("row", "P5")]
    public void Hub_FrozenWhileItWaitsForTheSourcesReport_HearsItWhenItWakes()
    {
        using var place = new Workplace();
        for (int seed = 1; seed <= 60; seed++)
        {
            SeedResult result = SimRun.Of(seed, place, arm: desk =>
            {
                string stream = $"transfer-{desk.Cluster.Id}";
                bool frozen = false;
                desk.OnWrite((process, moment) =>
                {
                    if (!frozen && moment == JournalMoment.After && desk.Cluster.Hub.Events.EventsOf(stream)[^1] is TransferEvents.DestinationDone)
                    {
                        frozen = true;
                        desk.Fire("P5", "the hub for 60 s");
                        desk.World.Later(TimeSpan.FromMilliseconds(1), () => ProcessFaults.FreezeFor(desk, desk.Cluster.HubNode, process, TimeSpan.FromSeconds(60)));
                    }

                    return false;
                });
            });

            Assert.True(result.Violation is null, $"Seed {seed}: {result.Violation}\n{result.Story}");
        }
    }

    [Theory]
    [InlineData(false, "Flush FlushData", false)]
    [InlineData(false, "Write CreateFile SetAttributes", false)]
    [InlineData(true, "Flush FlushData FlushFileSystem", false)]
    [InlineData(true, "Write Allocate CreateFile CreateFolder", false)]
    [InlineData(true, "Rename Remove SetAttributes Resize", false)]
    [InlineData(true, "Flush FlushData FlushFileSystem", true)]
    [InlineData(true, "Write CreateFile Resize", true)]
    public void DiskCall_FailsAtAnyPlace_LeavesNothingOpenOrBehind(bool atDestination, string calls, bool inRecovery)
    {
        using var place = new Workplace();
        bool failed = true;
        for (int n = 1; failed; n++)
        {
            failed = false;
            int left = n;
            SeedResult result = SimRun.Of(n, place, arm: desk =>
            {
                SimNode node = atDestination ? desk.Cluster.Destination : desk.Cluster.Source;
                desk.OnFrame((_, _, frame) =>
                {
                    if (inRecovery && node.Runs == 1 && frame.Header.Flags.HasFlag(FrameFlags.Durable))
                    {
                        desk.World.Later(TimeSpan.FromMilliseconds(1), () => desk.KillAndRestart(node, "something is durable", TimeSpan.FromMilliseconds(100)));
                    }

                    return false;
                });
                desk.OnCall((of, call, _) =>
                {
                    if (of != node || (inRecovery && node.Runs == 1) || !calls.Split(' ').Contains(call.ToString()) || --left != 0)
                    {
                        return Errno.None;
                    }

                    failed = desk.MayEndOtherwise = desk.MayLoseDurable = true;
                    desk.Fire("D5", $"call {n}, {call}");
                    return Errno.InputOutput;
                });
            });

            Assert.True(result.Violation is null, $"Call {n}: {result.Violation}\n{result.Story}");
        }
    }

    // Whatever the source wants to open, from the first scan or from the first chunk on: no file is given up for it.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("row", "R2")]
    public void R2_SourceWithoutDescriptorsForAMinute_TellsItAndDeliversEverything(bool fromTheFirstChunk)
    {
        using var place = new Workplace();
        int told = 0;
        for (int seed = 1; seed <= 20; seed++)
        {
            FaultDesk? desk = null;
            SeedResult result = SimRun.Of(seed, place, arm: armed =>
            {
                desk = armed;
                bool isShort = !fromTheFirstChunk;

                // As in life it takes minutes until sessions that bring nothing are too many; few attempts, so that chunks come to their limit.
                armed.Cluster.Coordination = armed.Cluster.Coordination with { Policies = new() { ChunkRetry = new() { Attempts = 2 } } };
                bool isOver = false;
                armed.OnFrame((_, _, frame) =>
                {
                    isShort |= fromTheFirstChunk && !isOver && frame.Header.Type == FrameType.Chunk;
                    return false;
                });
                armed.After(TimeSpan.FromSeconds(60), () => (isShort, isOver) = (false, true));
                armed.Cluster.OpenFault = process =>
                {
                    if (!isShort || armed.Cluster.NodeOf(process) != armed.Cluster.Source)
                    {
                        return Errno.None;
                    }

                    armed.Fire("R2", "no descriptor");
                    return Errno.TooManyFiles;
                };
            }, storm: TimeSpan.FromSeconds(61));

            Assert.True(result.Violation is null && result.State == TransferState.Completed, $"Seed {seed}: {result.State} {result.Violation}\n{result.Story}");
            told += desk!.Cluster.Hub.Events.EventsOf($"transfer-{desk.Cluster.Id}").OfType<TransferEvents.SessionBroken>().Any(broken => broken.Problem.Reason == Reason.LimitReached) ? 1 : 0;
        }

        Assert.True(told > 10, $"Only {told} transfers met the shortage.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("row", "D3")]
    public void D3_SpaceGoesAtAnyCallAndComesBack_TheTransferWaitsAndCompletes(bool andTheNodeDies)
    {
        using var place = new Workplace();
        int waited = 0;

        // A seed is a tree too: some have fewer calls than others.
        for (int n = 1, without = 0; without < 6; n++)
        {
            FaultDesk? desk = null;
            SeedResult result = SimRun.Of(n, place, arm: armed =>
            {
                desk = armed;
                SimNode node = armed.Cluster.Destination;
                DiskFaults.SpaceGoes(armed, node, fromTheStart: false, at: n, time: TimeSpan.FromSeconds(75));
                if (andTheNodeDies)
                {
                    bool dies = false;
                    armed.OnCall((_, _, _) =>
                    {
                        if (!dies && armed.Fired.ContainsKey("D3"))
                        {
                            dies = true;
                            armed.World.Later(TimeSpan.FromSeconds(10), () => armed.KillAndRestart(node, "its disk is full", TimeSpan.FromSeconds(1)));
                        }

                        return Errno.None;
                    });
                }
            });

            without = result.Fired.ContainsKey("D3") ? 0 : without + 1;
            waited += desk!.Cluster.Hub.Events.EventsOf($"transfer-{desk.Cluster.Id}").OfType<TransferEvents.SessionBroken>().Any(broken => broken.Problem.Reason == Reason.NoSpace) ? 1 : 0;
            Assert.True(result.Violation is null, $"Call {n}: {result.Violation}\n{result.Story}");
            Assert.False(desk.MayEndOtherwise);
        }

        Assert.True(waited > 15, $"Only {waited} transfers waited for space.");
    }
}
