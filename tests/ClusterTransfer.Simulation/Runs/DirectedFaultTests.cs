using ClusterTransfer.Simulation.Faults;
using ClusterTransfer.Simulation.Nodes;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Simulation.Runs;

/// <summary>One fault at every place it can have, where chance found one of them first.</summary>
public sealed class DirectedFaultTests
{
    [Theory]
    [InlineData(false, "Flush FlushData")]
    [InlineData(false, "Write CreateFile SetAttributes")]
    [InlineData(true, "Flush FlushData FlushFileSystem")]
    [InlineData(true, "Write Allocate CreateFile CreateFolder")]
    [InlineData(true, "Rename Remove SetAttributes Resize")]
    public void DiskCall_FailsAtAnyPlace_LeavesNothingOpenOrBehind(bool atDestination, string calls)
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
                desk.OnCall((of, call, _) =>
                {
                    if (of != node || !calls.Split(' ').Contains(call.ToString()) || --left != 0)
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
}
