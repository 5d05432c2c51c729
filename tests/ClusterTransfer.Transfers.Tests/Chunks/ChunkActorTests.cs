using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Chunks;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Chunks;

public sealed class ChunkActorTests : ActorTest
{
    private static readonly TransferPolicies Policies = new() { ChunkRetry = new() { Attempts = 3 } };
    private static readonly TimeSpan AckTimeout = Policies.Acknowledgement.Timeout;
    private static readonly ChunkMove Good = new(Samples.SomeDigest, [], null) { Written = Task.CompletedTask };
    private static readonly ChunkProtocol.Refused Corrupt = new(NackReason.Corrupt, "bits flipped", Samples.SomeDigest, default);
    private static readonly ChunkIndex Index = new(1);

    private readonly ManualChunkMover _mover = new();

    public static TheoryData<Exception> EndsOfAConnection =>
    [
        new ClusterTransferException(Reason.SessionLost, "Connection 3 has ended."),
        new OperationCanceledException(),
        new ObjectDisposedException("DataConnection"),
    ];

    [Fact]
    public void Start_Chunk_IsMovedOnce()
    {
        Spawn();

        Assert.Equal((1, Index), (_mover.Moves, _mover.Chunk.Index));
        ExpectNoMsg();
    }

    [Fact]
    public void Acknowledged_AfterItWasSent_Settles()
    {
        IActorRef chunk = Spawn();
        var absent = new EntryProblem(new EntryIndex(4), new Problem(Reason.SourceChanged, "changed"));

        _mover.Complete(Good with { Absent = [absent] });
        ChunkProtocol.Sent sent = ExpectMsg<ChunkProtocol.Sent>();
        chunk.Tell(ChunkProtocol.Acknowledged.Instance);

        Assert.Equal((Index, absent), (sent.Chunk, Assert.Single(sent.Absent)));
        Assert.Equal(new ChunkProtocol.Settled(Index), ExpectMsg<ChunkProtocol.Settled>());
        AssertStopped(chunk);
    }

    [Fact]
    public void Recalled_BeforeItWasWritten_IsToldAsSuchAndCostsNoAttempt()
    {
        IActorRef chunk = Spawn();

        _mover.Complete(Good with { Written = Task.FromException(new FrameRecalledException()) });
        ExpectMsg<ChunkProtocol.Sent>();

        Assert.Equal(new ChunkProtocol.Recalled(Index), ExpectMsg<ChunkProtocol.Recalled>());
        AssertStopped(chunk);
    }

    [Fact]
    public void Acknowledged_BeforeTheMoveIsReported_SettlesBehindIt()
    {
        // The peer is quicker than the message about the queue that took the chunk.
        IActorRef chunk = Spawn();
        var absent = new EntryProblem(new EntryIndex(4), new Problem(Reason.SourceChanged, "changed"));

        chunk.Tell(ChunkProtocol.Acknowledged.Instance);
        ExpectNoMsg();
        _mover.Complete(Good with { Absent = [absent] });

        Assert.Equal(absent, Assert.Single(ExpectMsg<ChunkProtocol.Sent>().Absent));
        ExpectMsg<ChunkProtocol.Settled>();
        AssertStopped(chunk);
    }

    [Fact]
    public void Acknowledged_AndThenTheConnectionEndsBeforeTheMoveIsReported_IsSentAgain()
    {
        IActorRef chunk = Spawn();

        chunk.Tell(ChunkProtocol.Acknowledged.Instance);
        _mover.Cancel();

        Assert.Equal(Index, ExpectMsg<ChunkProtocol.Displaced>().Chunk);
        AssertStopped(chunk);
    }

    [Fact]
    public void Acknowledged_Twice_SettlesOnce()
    {
        IActorRef chunk = Spawn();
        _mover.Complete(Good);
        ExpectMsg<ChunkProtocol.Sent>();

        chunk.Tell(ChunkProtocol.Acknowledged.Instance);
        chunk.Tell(ChunkProtocol.Acknowledged.Instance);
        chunk.Tell(Corrupt);

        ExpectMsg<ChunkProtocol.Settled>();
        ExpectNoMsg();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Refused_BelowTheLimit_IsAnotherAttempt(int attempt)
    {
        IActorRef chunk = Spawn(attempt);
        _mover.Complete(Good);
        ExpectMsg<ChunkProtocol.Sent>();

        chunk.Tell(Corrupt);

        ChunkProtocol.Again again = ExpectMsg<ChunkProtocol.Again>();
        Assert.Equal((Index, attempt), (again.Chunk, again.Attempts));
        Assert.Contains("bits flipped", again.Why, StringComparison.Ordinal);
        AssertStopped(chunk);
    }

    [Fact]
    public void Refused_AtTheLimit_GivesUpWithTheEvidence()
    {
        IActorRef chunk = Spawn(attempt: 3);
        _mover.Complete(Good);
        ExpectMsg<ChunkProtocol.Sent>();

        chunk.Tell(Corrupt);

        Assert.Equal(new ChunkProtocol.GivenUp(Index, 3, Corrupt), ExpectMsg<ChunkProtocol.GivenUp>());
        AssertStopped(chunk);
    }

    [Fact]
    public void Moved_SourceCannotBeRead_SaysSo()
    {
        IActorRef chunk = Spawn();
        var problem = new Problem(Reason.SourceChanged, "changed");

        _mover.Complete(Good with { Problem = problem });

        Assert.Equal(new ChunkProtocol.Unreadable(Index, problem), ExpectMsg<ChunkProtocol.Unreadable>());
        AssertStopped(chunk);
    }

    [Theory]
    [MemberData(nameof(EndsOfAConnection))]
    public void MoveFailed_ConnectionEnded_CostsNoAttempt(Exception error)
    {
        IActorRef chunk = Spawn(attempt: 3);

        _mover.Fail(error);

        Assert.Equal(Index, ExpectMsg<ChunkProtocol.Displaced>().Chunk);
        AssertStopped(chunk);
    }

    [Fact]
    public void MoveFailed_ForAnotherReason_CostsAnAttempt()
    {
        IActorRef chunk = Spawn(attempt: 1);

        _mover.Fail(new ClusterTransferException(Reason.LimitReached, "Too many open files."));

        Assert.Equal(1, ExpectMsg<ChunkProtocol.Again>().Attempts);
        AssertStopped(chunk);
    }

    [Fact]
    public void MoveFailed_ForAnotherReasonAtTheLimit_IsUnreadable()
    {
        // Otherwise a read that always throws would be tried for ever, and at full speed.
        IActorRef chunk = Spawn(attempt: 3);

        _mover.Fail(new InvalidOperationException("A bug."));

        ChunkProtocol.Unreadable unreadable = ExpectMsg<ChunkProtocol.Unreadable>();
        Assert.Contains("A bug.", unreadable.Problem.Detail, StringComparison.Ordinal);
        AssertStopped(chunk);
    }

    [Fact]
    public void AwaitingAck_NoAnswer_IsOverdueAgainAndAgain()
    {
        Spawn();
        _mover.Complete(Good);
        ExpectMsg<ChunkProtocol.Sent>();

        Time.Advance(AckTimeout - TimeSpan.FromSeconds(1));
        ExpectNoMsg();
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new ChunkProtocol.Overdue(Index, 3, 1), ExpectMsg<ChunkProtocol.Overdue>());
        Time.Advance(2 * AckTimeout);

        Assert.Equal(2, ExpectMsg<ChunkProtocol.Overdue>().Times);
        Assert.Equal(3, ExpectMsg<ChunkProtocol.Overdue>().Times);
    }

    [Fact]
    [Trait("row", "N4")]
    public void AwaitingAck_FrameWaitsToBeWritten_IsOverdueOnlyAfterThat()
    {
        // A slow link: the frames before it take minutes, and its own bytes too.
        Spawn();
        var written = new TaskCompletionSource();
        _mover.Complete(Good with { Written = written.Task });
        ExpectMsg<ChunkProtocol.Sent>();

        Time.Advance(10 * AckTimeout);
        ExpectNoMsg();
        written.SetResult();
        Kit.Settle();
        Time.Advance(AckTimeout - TimeSpan.FromSeconds(1));
        ExpectNoMsg();
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, ExpectMsg<ChunkProtocol.Overdue>().Times);
    }

    [Fact]
    public void AwaitingAck_FrameIsNeverWritten_IsLeftToTheEndOfItsConnection()
    {
        Spawn();
        var written = new TaskCompletionSource();
        _mover.Complete(Good with { Written = written.Task });
        ExpectMsg<ChunkProtocol.Sent>();

        written.SetCanceled();
        Kit.Settle();
        Time.Advance(10 * AckTimeout);

        ExpectNoMsg();
    }

    [Fact]
    public void Sending_ConnectionHasNoRoom_IsNotOverdue()
    {
        Spawn();

        Time.Advance(10 * AckTimeout);

        ExpectNoMsg();
    }

    [Fact]
    public void Stop_WhileItIsMoved_CancelsTheMover()
    {
        IActorRef chunk = Spawn();
        Assert.False(_mover.Token.IsCancellationRequested);

        Sys.Stop(chunk);
        Kit.Settle();

        Assert.True(_mover.Token.IsCancellationRequested);
        _mover.Cancel();
        ExpectNoMsg();
    }

    private IActorRef Spawn(int attempt = 1)
    {
        var plan = new PagePlan(Manifests.Page(0, 0, 0, 3 * Manifests.MiB));
        var connection = new ConnectionHandle(3, null!, ActorRefs.Nobody);   // the manual mover sends nothing
        Props chunk = Props.Create(() => new ChunkActor(plan.At(Index), attempt, connection, _mover, Policies));
        IActorRef session = ActorOf(Props.Create(() => new ParentActor(TestActor)));
        session.Tell(chunk);
        return ExpectMsg<IActorRef>();
    }

    private void AssertStopped(IActorRef chunk)
    {
        TestProbe watcher = CreateTestProbe();
        watcher.Watch(chunk);
        watcher.ExpectTerminated(chunk);
    }

    /// <summary>In the place of the session: makes the chunk actor and passes on what it says.</summary>
    private sealed class ParentActor : ReceiveActor
    {
        public ParentActor(IActorRef listener)
        {
            Receive<Props>(child => listener.Tell(Context.ActorOf(child)));
            ReceiveAny(message => listener.Tell(message));
        }
    }
}
