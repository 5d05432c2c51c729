using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Simulation.Faults;
using ClusterTransfer.Simulation.Network;
using ClusterTransfer.Simulation.World;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Simulation.Runs;

/// <summary>Whole transfers over links that are slow, lossy, go up and down, or lose every answer.</summary>
public sealed class BadLinkTests
{
    private const int Seeds = 3;
    private const int Attempts = 8;
    private const int SmallestStuckFrame = 1300;
    private static readonly TimeSpan FlappingFor = TimeSpan.FromMinutes(10);

    // A chunk of 1 MiB takes a minute and waits for others before it: longer than an acknowledgement may take.
    [Fact]
    [Trait("row", "N4")]
    public void SlowLink_ChunksWaitLongToBeWritten_NoConnectionIsGivenUp() => ForEachSeed(
        armed => armed.Network.Rate = 17_000,
        (run, _) => Assert.Equal((run.Connections, 1), (run.Dials, run.Sessions)));

    [Theory]
    [Trait("row", "N4")]
    [InlineData(0.01)]
    [InlineData(0.05)]
    [InlineData(0.2)]
    public void LossyLink_PacketsAreLost_CompletesInOneSessionOverItsFirstConnections(double loss) => ForEachSeed(
        armed => armed.Network.Loss = loss,
        (run, _) => Assert.Equal((run.Connections, 1), (run.Dials, run.Sessions)));

    // A minute in which nothing larger gets through, nor what TCP has behind it: connections are missed and dialled again, at the pace of heartbeats.
    [Fact]
    [Trait("row", "N4")]
    public void MtuHole_LargeFramesStick_ConnectionsAreReplacedAndItCompletes() => ForEachSeed(
        armed =>
        {
            bool open = true;
            armed.Desk.Fire("N4", "what is larger than a small packet sticks");
            armed.Desk.OnFrame((link, from, frame) =>
            {
                link.Hole[link.DirectionFrom(from)] |= open && frame.Bytes > SmallestStuckFrame;
                return false;
            });
            armed.Desk.After(TimeSpan.FromSeconds(60), () =>
            {
                open = false;
                armed.Network.Heal();
            });
        },
        (run, _) => Assert.InRange(run.Dials, run.Connections + 1, run.Connections * 5));

    [Theory]
    [Trait("row", "N13")]
    [InlineData(300_000)]       // a chunk needs longer than the link is ever up: nothing gets through for ten minutes
    [InlineData(800_000)]
    public void FlappingLink_ForTenMinutes_DialsWithPausesTellsLittleAndCompletes(double rate) => ForEachSeed(
        armed =>
        {
            bool down = false;
            armed.Network.Rate = rate;
            armed.Desk.Fire("N13", "2 s up, 2 s down");
            armed.Desk.OnDial((_, _) => down ? DialFate.Refused : null);
            armed.Desk.After(TimeSpan.FromSeconds(2), Flap);

            void Flap()
            {
                down = !down;
                foreach (SimLink link in down ? armed.Network.Open.ToArray() : [])
                {
                    link.Break("the link is down");
                }

                armed.Desk.After(TimeSpan.FromSeconds(2), Flap);
            }
        },
        (run, result) =>
        {
            // In two seconds five pauses fit at most, each twice as long as the one before; the last dial finds the link up.
            int most = run.Connections * (1 + (6 * (int)(FlappingFor / TimeSpan.FromSeconds(4))));
            Assert.InRange(run.Dials, run.Connections, most);
            Assert.InRange(run.Notes, 0, most);
            Assert.Equal(1, run.Sessions);
            Assert.True(rate < 500_000 || result.Healing == TimeSpan.Zero, $"Seed {result.Seed}: nothing came through while the link was up.");
        },
        FlappingFor);

    // A connection is given up for one chunk; those beside it go again too, and that costs them no attempt. From then on each goes alone.
    [Fact]
    [Trait("row", "N14")]
    public void Chunks_ThatAreNeverAnswered_AreSentABoundedNumberOfTimesAndFailWithThatReason() => ForEachSwallowed(
        FrameType.Chunk,
        new TransferPolicies { Progress = new() { Within = TimeSpan.FromHours(2) } },   // else the session is given up before
        (run, result, sends) =>
        {
            Problem problem = run.Desk.Cluster.Hub.Row!.Problem!;
            Assert.Contains((result.State, problem.Reason), new (TransferState?, Reason)[] { (TransferState.Failed, Reason.ChunkUnanswered), (TransferState.Partial, Reason.PartlyDelivered) });
            Assert.InRange(sends.Values.Max(), Attempts, Attempts + 1);
            Assert.Equal(1, run.Sessions);
        });

    // What arrived and was flushed is known to the next session: no second copy is needed, when the session is given up before its connections.
    [Fact]
    [Trait("row", "N14")]
    public void Acknowledgements_AllLost_NothingIsSentTwiceAndItCompletes() => ForEachSwallowed(FrameType.Ack, SessionFirst, (_, result, sends) =>
    {
        Assert.Equal(TransferState.Completed, result.State);
        Assert.All(sends.Values, times => Assert.Equal(1, times));
    });

    // The session is given up before the connection, and the next one asks what the destination holds.
    private static TransferPolicies SessionFirst => new() { Progress = new() { Within = TimeSpan.FromMinutes(1) } };

    private static void ForEachSwallowed(FrameType swallowed, TransferPolicies policies, Action<Armed, SeedResult, Dictionary<uint, int>> judge)
    {
        var sends = new Dictionary<uint, int>();
        ForEachSeed(
            armed =>
            {
                sends.Clear();
                armed.Desk.MayEndOtherwise = true;
                armed.Desk.Fire("N14", $"no {swallowed} arrives");
                armed.Desk.Cluster.Coordination = armed.Desk.Cluster.Coordination with { Policies = policies };
                armed.Desk.OnFrame((_, _, frame) =>
                {
                    if (frame.Header.Type == FrameType.Chunk)
                    {
                        sends[frame.Header.Chunk.Value] = sends.GetValueOrDefault(frame.Header.Chunk.Value) + 1;
                    }

                    if (frame.Header.Type == swallowed)
                    {
                        frame.Drop();
                        return true;
                    }

                    return false;
                });
            },
            (run, result) => judge(run, result, sends),
            TimeSpan.FromMinutes(15),
            wanted: null);
    }

    private static void ForEachSeed(Action<Armed> arm, Action<Armed, SeedResult> judge, TimeSpan? storm = null, TransferState? wanted = TransferState.Completed)
    {
        using var place = new Workplace();
        for (int seed = 1; seed <= Seeds; seed++)
        {
            Armed? armed = null;
            SeedResult result = SimRun.Of(seed, place, arm: desk => arm(armed = new Armed(desk)), storm: storm);
            Assert.True(result.Violation is null && (wanted ?? result.State) == result.State, $"Seed {seed}: {result.State} {result.Violation}\n{result.Story}");
            judge(armed!, result);
        }
    }

    /// <summary>A run that counts what its link costs.</summary>
    private sealed class Armed
    {
        public Armed(FaultDesk desk)
        {
            Desk = desk;
            Func<SimProcess, NodeId, DialFate> fate = Network.OnDial!; // the desk has set both
            Network.OnDial = (process, peer) =>
            {
                Dials++;
                return fate(process, peer);
            };
            desk.OnMessage((_, _, message) =>
            {
                Notes += message is SessionNoted ? 1 : 0;
                return null;
            });
        }

        public FaultDesk Desk { get; }

        public SimNetwork Network => Desk.Cluster.Network;

        public int Connections => Desk.Cluster.Sessions.Connections;

        /// <summary>Connections that were dialled for, also in vain.</summary>
        public int Dials { get; private set; }

        /// <summary>What the nodes told for the transfer's story.</summary>
        public int Notes { get; private set; }

        public int Sessions => Desk.Cluster.Hub.Events.EventsOf($"transfer-{Desk.Cluster.Id}").OfType<TransferEvents.SessionGiven>().Count();
    }
}
