using System.Collections.Concurrent;
using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Tests.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Peers;

/// <summary>Connections between two nodes: dialled, proven, shared, lost and dialled again. Real TLS over loopback; the actors' timers are virtual.</summary>
public sealed class PeerActorTests
{
    [Fact]
    public async Task Attach_BothEnds_JoinsAsManyConnectionsAsWanted()
    {
        await using PeersBench bench = await PeersBench.StartAsync();

        IReadOnlyList<ConnectionHandle> joined = await bench.JoinAsync(connections: 3);

        Assert.Equal(3, joined.Select(connection => connection.Number).Distinct().Count());
        bench.Source.ExpectNoMsg();
        bench.Destination.ExpectNoMsg();
    }

    [Fact]
    public async Task Want_MoreAndFewer_DialsWhatIsMissingAndClosesNothing()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        await bench.JoinAsync(connections: 1);

        bench.Want(3);
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
        bench.Want(2);
        bench.Kit.Settle();

        bench.Source.ExpectNoMsg();
        Assert.Equal(6, bench.Connections().Count());   // of both nodes
    }

    [Fact]
    public async Task Joined_FramesOfTheSession_ReachTheOtherEndsPort()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle connection = Assert.Single(await bench.JoinAsync());
        var header = new FrameHeader(FrameType.Credit, FrameFlags.None, PeersBench.SessionId, new Epoch(1, 1), default, default, 0, 0);

        connection.Send(OutgoingFrame.Control(header with { Epoch = new Epoch(1, 9) }, new CreditBody(5).ToArray()));
        connection.Send(OutgoingFrame.Control(header, new CreditBody(5).ToArray()));
        await bench.PortOfB.FirstAsync();

        Assert.Equal(new Epoch(1, 1), Assert.Single(bench.PortOfB.Frames).Epoch);
    }

    [Fact]
    public async Task Proof_WithAnotherSecret_IsRefusedAtBothEnds()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.OpenDestination(bench.DestinationBinding(secret: new byte[32]));

        bench.OpenSource();

        Assert.Equal(NackReason.ProofRefused, (await bench.Source.ExpectMsgAsync<ConnectionFacts.SessionRefusedByPeer>()).Reason);
        bench.Destination.ExpectNoMsg();
    }

    [Fact]
    public async Task Proof_ForASessionWithAnotherNode_IsRefused()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.OpenDestination(bench.DestinationBinding(peer: Samples.C));

        bench.OpenSource();

        Assert.Equal(NackReason.ProofRefused, (await bench.Source.ExpectMsgAsync<ConnectionFacts.SessionRefusedByPeer>()).Reason);
        bench.Destination.ExpectNoMsg();
    }

    [Fact]
    public async Task Proof_ForAnotherTransfer_IsRefused()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.OpenDestination(bench.DestinationBinding(transfer: Samples.OtherId));

        bench.OpenSource();

        Assert.Equal(NackReason.ProofRefused, (await bench.Source.ExpectMsgAsync<ConnectionFacts.SessionRefusedByPeer>()).Reason);
    }

    [Fact]
    public async Task UnknownSession_IsProvenAgainUntilItIsKnown()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.OpenSource();
        await WaitForConnectionAsync(bench);

        bench.OpenDestination();
        await bench.PassTimeUntilHeardAsync(bench.Source, TimeSpan.FromMilliseconds(250));

        bench.Source.ExpectMsg<ConnectionFacts.ConnectionJoined>();
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
    }

    [Fact]
    public async Task UnknownSession_ForTooLong_IsRefused()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.OpenSource();

        await bench.PassTimeUntilHeardAsync(bench.Source, TimeSpan.FromMilliseconds(250));

        Assert.Equal(NackReason.SessionUnknown, bench.Source.ExpectMsg<ConnectionFacts.SessionRefusedByPeer>().Reason);
    }

    [Fact]
    public async Task SessionOfAnotherEpoch_IsUnknown()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        bench.OpenDestination(bench.DestinationBinding(session: 2));
        bench.OpenSource();

        await bench.PassTimeUntilHeardAsync(bench.Source, TimeSpan.FromMilliseconds(250));

        Assert.Equal(NackReason.SessionUnknown, bench.Source.ExpectMsg<ConnectionFacts.SessionRefusedByPeer>().Reason);
        bench.Destination.ExpectNoMsg();
    }

    [Fact]
    public async Task Proof_ThatNobodyAnswers_IsOfferedAgainThenTheConnectionIsReplaced()
    {
        // Arrange: what reaches b is read and dropped, as a frame that was damaged on its way is.
        await using PeersBench bench = await PeersBench.StartAsync();
        var atB = new FrameRecorder();
        using var stop = new CancellationTokenSource();
        var pumps = new ConcurrentBag<Task>();
        bench.OnConnectionToB = connection => pumps.Add(connection.RunAsync(atB, stop.Token));
        bench.OpenSource();

        // Act, assert
        for (int offer = 1; offer <= 3; offer++)
        {
            await ProofAsync();
            bench.Kit.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Problem problem = (await bench.Source.ExpectMsgAsync<ConnectionFacts.DialFailed>()).Problem;
        Assert.Contains("did not answer the proof of the session 3 times", problem.Detail, StringComparison.Ordinal);
        bench.Kit.Time.Advance(bench.Options.RedialMin);
        await ProofAsync();

        await stop.CancelAsync();
        await Task.WhenAll(pumps).WithinDeadline();

        async Task ProofAsync()
        {
            Task<(FrameHeader Header, byte[] Body)> next = atB.NextAsync();
            await bench.Kit.RunAsync(next);
            Assert.Equal(FrameType.SessionProof, (await next).Header.Type);
        }
    }

    [Fact]
    [Trait("row", "N1")]
    public async Task ConnectionLost_BothSessionsAreToldOnce_AndAnotherIsDialledAfterAPause()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle lost = Assert.Single(await bench.JoinAsync());

        await bench.GiveUpAsync(lost);

        ConnectionFacts.ConnectionLeft left = await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        Assert.Equal((lost.Number, Reason.SessionLost), (left.Number, left.End.Problem?.Reason));
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        bench.Source.ExpectNoMsg();
        bench.Destination.ExpectNoMsg();

        bench.Kit.Time.Advance(bench.Options.RedialMin);
        ConnectionHandle again = (await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection;
        Assert.NotEqual(lost.Number, again.Number);
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
    }

    [Fact]
    public async Task ConnectionEnds_ByThePeerWhileTheQueueIsFull_ThePeersReasonIsTold()
    {
        // Arrange
        await using PeersBench bench = await PeersBench.StartAsync();
        Action<DataConnection> take = bench.OnConnectionToB;
        DataConnection? atB = null;
        bench.OnConnectionToB = connection =>
        {
            atB = connection;
            take(connection);
        };
        ConnectionHandle atA = Assert.Single(await bench.JoinAsync());
        bench.Kit.Settle();

        // Act: nobody empties the queue of a connection that has ended, so it is full as well; the session that finds out speaks first.
        atA.Actor.Tell(ConnectionProtocol.QueueFull.Instance);
        atB!.Complete(new Problem(Reason.Superseded, "A newer one."));
        await bench.HoldUntilAsync(() => bench.Connections().Single(actor => actor.Path.EndsWith($"/connection-{atA.Number}", StringComparison.Ordinal)).MailboxDepth == 2);

        // Assert
        PumpEnd end = (await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>()).End;
        Assert.Equal(new PumpEnd(PumpEndReason.PeerClosed, new Problem(Reason.Superseded, "A newer one.")), end);
    }

    [Fact]
    public async Task ConnectionEnds_BecauseItsQueueIsFull_ThatIsTold()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle connection = Assert.Single(await bench.JoinAsync());

        connection.Actor.Tell(ConnectionProtocol.QueueFull.Instance);

        PumpEnd end = (await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>()).End;
        Assert.Equal((PumpEndReason.Cancelled, Reason.LimitReached), (end.Reason, end.Problem?.Reason));
        Assert.Contains("the queue of control frames is full", end.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "N13")]
    public async Task Dial_Fails_TheSessionHearsWhyAndItIsTriedAgainWithLongerPauses()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        SessionBinding source = bench.SourceBinding();
        await bench.StopListeningAsync();

        bench.OpenSource(source);

        Assert.Equal(Reason.NodeUnreachable, (await bench.Source.ExpectMsgAsync<ConnectionFacts.DialFailed>()).Problem.Reason);
        TimeSpan ceiling = bench.Options.RedialMin;
        for (int attempt = 0; attempt < 4; attempt++)
        {
            // Up to the timer and no further: the refusal comes when it comes, and the next pause counts from there.
            Assert.InRange(bench.PassToNextTimer(), ceiling / 2, ceiling);
            await bench.Source.ExpectMsgAsync<ConnectionFacts.DialFailed>();
            ceiling = TimeSpan.FromTicks(Math.Min(bench.Options.RedialMax.Ticks, ceiling.Ticks * 2));
        }
    }

    [Fact]
    [Trait("row", "N12")]
    public async Task Dial_APeerThatHasEnoughConnections_IsTriedAgainWithLongerPausesUntilItTakesMore()
    {
        // Arrange: it takes one of two; of the others it lets itself be dialled, and closes them once that one has joined.
        await using PeersBench bench = await PeersBench.StartAsync();
        Action<DataConnection> take = bench.OnConnectionToB;
        var joined = new TaskCompletionSource<ConnectionHandle>(TaskCreationOptions.RunContinuationsAsynchronously);
        int dials = 0;
        bench.OnConnectionToB = connection =>
        {
            if (Interlocked.Increment(ref dials) == 1)
            {
                take(connection);
            }
            else
            {
                joined.Task.ContinueWith(_ => connection.DisposeAsync().AsTask(), TaskScheduler.Default);
            }
        };
        bench.OpenDestination();
        bench.OpenSource(bench.SourceBinding(connections: 2));
        joined.SetResult((await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection);
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
        await bench.Source.ExpectMsgAsync<ConnectionFacts.DialFailed>();

        // Act, assert: each time one more dial, after a longer pause.
        TimeSpan ceiling = bench.Options.RedialMin;
        for (int attempt = 0; attempt < 4; attempt++)
        {
            Assert.Equal(2 + attempt, Volatile.Read(ref dials));
            Assert.InRange(bench.PassToNextTimer(), ceiling / 2, ceiling);
            await bench.Source.ExpectMsgAsync<ConnectionFacts.DialFailed>();
            ceiling = TimeSpan.FromTicks(Math.Min(bench.Options.RedialMax.Ticks, ceiling.Ticks * 2));
        }

        // Now it takes more. What is lost after that waits as shortly as at the start.
        bench.OnConnectionToB = take;
        bench.PassToNextTimer();
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
        await bench.GiveUpAsync(await joined.Task);
        bench.Source.ExpectMsg<ConnectionFacts.ConnectionLeft>();
        bench.Kit.Time.Advance(bench.Options.RedialMin);   // b lost its end as well and has a timer too
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
    }

    [Fact]
    public async Task Dial_FailsBesideOneThatSucceeds_WaitsItsPause()
    {
        // Arrange: two addresses, at one of them nobody listens.
        await using PeersBench bench = await PeersBench.StartAsync();
        SessionBinding binding = bench.SourceBinding(connections: 2);
        bench.OpenDestination();

        bench.OpenSource(binding with { PeerAddresses = [PeersBench.DeadAddress(), .. binding.PeerAddresses] });
        object[] heard = [await bench.Source.ExpectMsgAsync<object>(), await bench.Source.ExpectMsgAsync<object>()];
        Assert.Contains(heard, message => message is ConnectionFacts.ConnectionJoined);
        Assert.Contains(heard, message => message is ConnectionFacts.DialFailed);

        // Assert: its turn comes after a pause, the address where somebody listens after the next.
        Assert.InRange(bench.PassToNextTimer(), bench.Options.RedialMin / 2, bench.Options.RedialMin);
        await bench.Source.ExpectMsgAsync<ConnectionFacts.DialFailed>();
        bench.PassToNextTimer();
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
    }

    [Fact]
    public async Task Dial_WhileAnOlderSessionHasAnAddressThatIsGone_ReachesThePeerByThatOfTheNewer()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        TestProbe other = bench.Kit.CreateTestProbe("other");
        bench.OpenSource(bench.SourceBinding(address: PeersBench.DeadAddress()) with { SessionId = new SessionId(8), TransferId = Samples.OtherId, Session = other.Ref });
        await other.ExpectMsgAsync<ConnectionFacts.DialFailed>();
        bench.OpenDestination();
        bench.OpenSource();

        bench.Kit.Time.Advance(bench.Options.RedialMin);
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
    }

    [Fact]
    public async Task Dial_AnotherNodeAnswers_IsAnIdentityRefused()
    {
        await using PeersBench bench = await PeersBench.StartAsync();

        bench.OpenSource(bench.SourceBinding(peer: Samples.C));

        Assert.Equal(Reason.IdentityRefused, (await bench.Source.ExpectMsgAsync<ConnectionFacts.DialFailed>()).Problem.Reason);
    }

    [Fact]
    public async Task Detach_LastSession_KeepsTheConnectionWarmThenClosesIt()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        await bench.JoinAsync();
        bench.PeersOfA.Tell(new PeerProtocol.Detach(Samples.B, PeersBench.SessionId, SessionRole.Source));
        bench.Kit.Time.Advance(bench.Options.IdleClose - TimeSpan.FromSeconds(1));
        bench.Destination.ExpectNoMsg();

        bench.Kit.Time.Advance(TimeSpan.FromSeconds(1));

        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        bench.Source.ExpectNoMsg();
    }

    [Fact]
    public async Task Attach_WhileTheConnectionIsWarm_UsesItAndItStaysOpen()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle first = Assert.Single(await bench.JoinAsync());
        bench.PeersOfA.Tell(new PeerProtocol.Detach(Samples.B, PeersBench.SessionId, SessionRole.Source));
        bench.Kit.Time.Advance(bench.Options.IdleClose / 2);

        bench.OpenSource();

        Assert.Equal(first.Number, (await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection.Number);
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
        bench.Kit.Time.Advance(2 * bench.Options.IdleClose);
        bench.Source.ExpectNoMsg();
        bench.Destination.ExpectNoMsg();
    }

    [Fact]
    public async Task Attach_SecondSession_SharesTheConnection()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle first = Assert.Single(await bench.JoinAsync());
        TestProbe other = bench.Kit.CreateTestProbe("other");
        var id = new SessionId(8);
        Assert.True(bench.DirectoryOfB.TryAdd(bench.DestinationBinding() with { SessionId = id, TransferId = Samples.OtherId }));

        bench.OpenSource(bench.SourceBinding() with { SessionId = id, TransferId = Samples.OtherId, Session = other.Ref });

        Assert.Equal(first.Number, (await other.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection.Number);
        bench.Source.ExpectNoMsg();
    }

    [Fact]
    public async Task ConnectionLost_WhileOthersAreWarm_TheSessionGetsOneOfThemAtOnce()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        await bench.JoinAsync(connections: 3);
        TestProbe other = bench.Kit.CreateTestProbe("other");
        var id = new SessionId(8);
        Assert.True(bench.DirectoryOfB.TryAdd(bench.DestinationBinding() with { SessionId = id, TransferId = Samples.OtherId }));
        bench.OpenSource(bench.SourceBinding() with { SessionId = id, TransferId = Samples.OtherId, Session = other.Ref });
        ConnectionHandle lost = (await other.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection;
        bench.PeersOfA.Tell(new PeerProtocol.Detach(Samples.B, PeersBench.SessionId, SessionRole.Source));

        await bench.GiveUpAsync(lost);

        await other.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        Assert.NotEqual(lost.Number, (await other.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>()).Connection.Number);
    }

    [Fact]
    public async Task WithinOneNode_AsManyConnectionsAsAllowed_HaveRoomForBothTheirEnds()
    {
        await using PeersBench bench = await PeersBench.StartAsync();

        IReadOnlyList<ConnectionHandle> joined = await bench.JoinWithinAAsync(bench.Options.MaxConnections);

        Assert.All(joined, connection => Assert.True(connection.Connection.Dialled));
        bench.Kit.Time.Advance(bench.Options.RedialMax);
        bench.Source.ExpectNoMsg();
        bench.Destination.ExpectNoMsg();
        Assert.Equal(2 * bench.Options.MaxConnections, bench.Connections().Count());
    }

    [Fact]
    public async Task WithinOneNode_ConnectionLost_AnotherIsDialled()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle lost = (await bench.JoinWithinAAsync(connections: 2))[0];

        await bench.GiveUpAsync(lost);
        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionLeft>();
        bench.Kit.Settle();
        bench.Kit.Time.Advance(bench.Options.RedialMin);

        await bench.Source.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
        await bench.Destination.ExpectMsgAsync<ConnectionFacts.ConnectionJoined>();
    }

    [Fact]
    public async Task Detach_OfADestinationThatDidNotHearOfItsConnection_FramesReachItNoMore()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        ConnectionHandle connection = Assert.Single(await bench.JoinAsync());
        bench.DirectoryOfB.Remove(Assert.IsType<SessionBinding>(bench.DirectoryOfB.Find(PeersBench.SessionId)));
        bench.PeersOfB.Tell(new PeerProtocol.Detach(Samples.A, PeersBench.SessionId, SessionRole.Destination));
        bench.Kit.Settle();

        connection.Send(OutgoingFrame.Control(
            new FrameHeader(FrameType.Credit, FrameFlags.None, PeersBench.SessionId, new Epoch(1, 1), default, default, 0, 0), new CreditBody(5).ToArray()));
        connection.Connection.Complete();

        // The frame was read before the Goodbye behind it.
        await bench.RunUntilAsync(() => !bench.Connections().Any());
        Assert.Empty(bench.PortOfB.Frames);
    }

    [Fact]
    public async Task Detach_OfTheDestinationWithinOneNode_TheSourceIsStillServed()
    {
        await using PeersBench bench = await PeersBench.StartAsync();
        await bench.JoinWithinAAsync(connections: 1);
        ConnectionHandle fromDestination = bench.JoinedDestination!;
        bench.PeersOfA.Tell(new PeerProtocol.Detach(Samples.A, PeersBench.SessionId, SessionRole.Destination));
        bench.Kit.Settle();

        fromDestination.Send(OutgoingFrame.Control(
            new FrameHeader(FrameType.Credit, FrameFlags.None, PeersBench.SessionId, new Epoch(1, 1), default, default, 0, 0), new CreditBody(5).ToArray()));

        await bench.PortOfA.FirstAsync();
    }

    private static Task WaitForConnectionAsync(PeersBench bench) => bench.RunUntilAsync(() => bench.Connections().Any());
}
