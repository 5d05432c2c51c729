using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Connections;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Peers;

/// <summary>The actor of a peer fails: its sessions are served on by the next, and no connection is left over.</summary>
public sealed class PeersActorTests
{
    [Fact]
    public async Task PeerActor_Fails_ItsSessionsGetConnectionsFromTheNextAfterAPause()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        int lost = Assert.Single(await bench.JoinAsync()).Number;

        bench.FailPeerBOfA();

        Assert.Equal(lost, (await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>()).Number);
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        bench.Source.ExpectNoMsg();
        bench.Kit.Time.Advance(bench.Options.RedialMax);
        Assert.NotEqual(lost, (await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection.Number);
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
    }

    [Fact]
    public async Task Want_BeforeThePeerActorFails_HoldsForTheNext()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        await bench.JoinAsync(connections: 1);
        bench.Want(2);
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();

        bench.FailPeerBOfA();
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        bench.Kit.Time.Advance(bench.Options.RedialMax);

        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
    }

    [Fact]
    public async Task Attach_DuringThePause_IsServedAfterIt()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.OpenDestination();
        bench.PeersOfA.Tell(new PeerProtocol.Detach(Samples.B, PeersBench.SessionId, SessionRole.Source));
        bench.Kit.Settle();
        bench.FailPeerBOfA();
        bench.Kit.Settle();
        Assert.Null(bench.PeerBOfA());

        bench.OpenSource();
        bench.Source.ExpectNoMsg();
        bench.Kit.Time.Advance(bench.Options.RedialMax);

        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
    }

    [Fact]
    public async Task Detach_DuringThePause_IsNotAttachedAgain()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        await bench.JoinAsync();
        bench.FailPeerBOfA();
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();

        bench.PeersOfA.Tell(new PeerProtocol.Detach(Samples.B, PeersBench.SessionId, SessionRole.Source));
        bench.Kit.Time.Advance(bench.Options.RedialMax);
        bench.OpenSource(bench.SourceBinding() with { SessionId = new SessionId(8) });

        // Only the session that is attached is offered: the other end does not know it, and would join the other one.
        await bench.PassTimeUntilHeardAsync(bench.Source, TimeSpan.FromMilliseconds(250));
        bench.Source.ExpectMsg<ConnectionFacts.SessionRefusedByPeer>();
        bench.Destination.ExpectNoMsg();
    }

    [Fact]
    public async Task Dialled_BehindAFailure_IsClosed()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        var accepted = new TaskCompletionSource<DataConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.OnConnectionToB = accepted.SetResult;
        bench.OpenSource();
        bench.Kit.Settle();
        bench.FailPeerBOfA();
        await bench.HoldUntilAsync(() => bench.PeerBOfA()!.MailboxDepth == 2);

        bench.Kit.Settle();

        Assert.Null(bench.PeerBOfA());
        await using DataConnection otherEnd = await accepted.Task.WithinDeadline();
        Assert.Equal(   // by an end of which not a word was said
            PumpEndReason.Reset, (await otherEnd.RunAsync(new FrameRouter(ActorRefs.Nobody), CancellationToken.None).WithinDeadline()).Reason);
    }

    [Fact]
    public async Task Accepted_BehindAFailureOrDuringThePause_IsClosed()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.PeersOfA.Tell(new PeerProtocol.Detach(Samples.B, PeersBench.SessionId, SessionRole.Source));
        bench.Kit.Settle();
        bench.FailPeerBOfA();
        await using DataConnection behind = await bench.DialFromBAsync();
        bench.Kit.Settle();
        Assert.Null(bench.PeerBOfA());

        await using DataConnection during = await bench.DialFromBAsync();
        bench.Kit.Settle();

        // It was not adopted, or its peer would still read. Not a word was said of the end.
        var nobody = new FrameRouter(ActorRefs.Nobody);
        Assert.Equal(PumpEndReason.Reset, (await behind.RunAsync(nobody, CancellationToken.None).WithinDeadline()).Reason);
        Assert.Equal(PumpEndReason.Reset, (await during.RunAsync(nobody, CancellationToken.None).WithinDeadline()).Reason);
    }
}
