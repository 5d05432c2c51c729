using ClusterTransfer.Model;
using ClusterTransfer.Simulation.Faults;
using ClusterTransfer.Simulation.Network;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Runs;

/// <summary>Whole transfers over links that are slow, lossy, go up and down, or lose every answer.</summary>
public sealed class BadLinkTests
{
    // A chunk of 1 MiB takes a minute and waits for others before it: longer than an acknowledgement may take.
    [Fact]
    [Trait("row", "N4")]
    public void SlowLink_ChunksWaitLongToBeWritten_NoConnectionIsGivenUp()
    {
        using var place = new Workplace();
        for (int seed = 1; seed <= 20; seed++)
        {
            FaultDesk? desk = null;
            int dials = 0;
            SeedResult result = SimRun.Of(seed, place, arm: armed =>
            {
                desk = armed;
                armed.Cluster.Network.Rate = 17_000;
                Func<World.SimProcess, NodeId, DialFate> fate = armed.Cluster.Network.OnDial!;
                armed.Cluster.Network.OnDial = (process, peer) =>
                {
                    dials++;
                    return fate(process, peer);
                };
            });

            Assert.True(result is { Violation: null, State: TransferState.Completed }, $"Seed {seed}: {result.State} {result.Violation}\n{result.Story}");
            Assert.Equal(desk!.Cluster.Sessions.Connections, dials);
            Assert.Single(desk.Cluster.Hub.Events.EventsOf($"transfer-{desk.Cluster.Id}").OfType<TransferEvents.SessionGiven>());
        }
    }
}
