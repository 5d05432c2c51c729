using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using static ClusterTransfer.Transfers.Tests.Sessions.SessionsBench;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>Fencing: one end of a session for a transfer and role, the newest epoch, of this run of the process.</summary>
public sealed class SessionsActorTests
{
    public static TheoryData<SessionRole> Roles => [SessionRole.Source, SessionRole.Destination];

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Open_First_OpensAndAnswers(SessionRole role)
    {
        await using var bench = new SessionsBench();

        await bench.SendAsync(Open(role, 1));

        Assert.Equal(new SessionOpened(Samples.Id, new Epoch(1, 1), role, Self), bench.ToldOnce<SessionOpened>());
        PeerProtocol.Attach attach = Assert.Single(bench.AskedOfPeers().OfType<PeerProtocol.Attach>());
        Assert.Equal((new SessionId(101), role), (attach.Binding.SessionId, attach.Binding.Role));
        Assert.Equal(role == SessionRole.Destination, bench.Services.Directory.Find(new SessionId(101)) is not null);
    }

    [Theory]
    [Trait("row", "K3")]
    [MemberData(nameof(Roles))]
    public async Task Open_MeantForAnotherRunOfTheProcess_IsRefused(SessionRole role)
    {
        await using var bench = new SessionsBench();

        await bench.SendAsync(Open(role, 1, target: Samples.Run(9)));

        SessionRefused refused = bench.ToldOnce<SessionRefused>();
        Assert.Equal((role, Reason.SessionLost), (refused.Role, refused.Problem.Reason));
        Assert.Empty(bench.AskedOfPeers());
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Open_SameEpochAgain_IsAnsweredAgainByTheSameSession(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 1));
        bench.Told();
        bench.AskedOfPeers();

        await bench.SendAsync(Open(role, 1));

        bench.ToldOnce<SessionOpened>();
        Assert.Empty(bench.AskedOfPeers());
    }

    [Theory]
    [Trait("row", "K3")]
    [MemberData(nameof(Roles))]
    public async Task Open_LowerEpoch_IsRefusedWithTheHighest(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 5));
        bench.Told();

        await bench.SendAsync(Open(role, 4));

        SessionRefused refused = bench.ToldOnce<SessionRefused>();
        Assert.Equal((Reason.Superseded, new Epoch(1, 5)), (refused.Problem.Reason, refused.HighestEpoch));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Open_NewerEpoch_OpensWhenTheOlderHasClosed(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 1));
        bench.Told();
        bench.AskedOfPeers();

        await bench.SendAsync(Open(role, 2));

        Assert.Equal(new Epoch(1, 2), bench.ToldOnce<SessionOpened>().Epoch);
        Assert.Equal(
            [new PeerProtocol.Detach(role == SessionRole.Source ? Samples.B : Samples.A, new SessionId(101), role)],
            bench.AskedOfPeers().OfType<PeerProtocol.Detach>());
        Assert.Null(bench.Services.Directory.Find(new SessionId(101)));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Open_NewerEpochWhileTheOlderStillOpens_OpensAllTheSame(SessionRole role)
    {
        await using var bench = new SessionsBench();

        // All at once: the step that opens the store runs while the newer command arrives.
        bench.Sessions.Tell(Open(role, 1));
        bench.Sessions.Tell(Open(role, 2));
        bench.Sessions.Tell(Open(role, 3));
        await bench.RestAsync();

        Assert.Equal(new Epoch(1, 3), Assert.IsType<SessionOpened>(bench.Told()[^1]).Epoch);
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Open_AfterACrashOfTheSession_IsRefusedUntilANewerOne(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 1));
        SessionBinding binding = bench.AskedOfPeers().OfType<PeerProtocol.Attach>().Single().Binding;
        bench.Told();

        // A bug in a handler: the frame has no connection.
        binding.Session.Tell(new SessionProtocol.ControlFrame(
            null!, new FrameHeader(FrameType.Hello, FrameFlags.None, binding.SessionId, binding.Epoch, default, default, 0, 0), []));
        await bench.RestAsync();
        Assert.Single(bench.AskedOfPeers().OfType<PeerProtocol.Detach>());
        Assert.Null(bench.Services.Directory.Find(binding.SessionId));

        // The other end counted on the session that is gone: only a newer one begins from what is on disk at both.
        await bench.SendAsync(Open(role, 1));
        Assert.Equal(Reason.SessionLost, bench.ToldOnce<SessionRefused>().Problem.Reason);
        await bench.SendAsync(Open(role, 2));
        bench.ToldOnce<SessionOpened>();
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Recorded_WhileTheSessionRuns_EndsItAndForgets(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 1));
        bench.Told();
        Assert.True(Directory.Exists(role == SessionRole.Source ? bench.OutgoingFolder : bench.StagingFolder));

        await bench.SendAsync(Recorded(role, 1, transferEnded: true));

        Assert.Empty(bench.Told());
        Assert.False(Directory.Exists(role == SessionRole.Source ? bench.OutgoingFolder : bench.StagingFolder));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Open_LateAfterTheTransferHasEnded_IsRefusedAndARetryIsNot(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 1));
        await bench.SendAsync(Recorded(role, 1, transferEnded: true));
        bench.Told();
        bench.AskedOfPeers();

        // A repeat of the command that was long on its way: nobody waits for that session any more.
        await bench.SendAsync(Open(role, 1));
        bench.ToldOnce<SessionRefused>();
        Assert.Empty(bench.AskedOfPeers());

        await bench.SendAsync(Open(role, 2));
        bench.ToldOnce<SessionOpened>();
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Recorded_OfALowerEpoch_LeavesTheSession(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 2));
        bench.Told();

        await bench.SendAsync(Recorded(role, 1, transferEnded: false));
        await bench.SendAsync(Open(role, 2));

        bench.ToldOnce<SessionOpened>();
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Recorded_WithoutASession_ForgetsWhatAnEarlierRunLeft(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 1));
        await bench.SendAsync(new StopSession(Samples.Id, new Epoch(1, 1), CommandId.New(), StopIntent.Suspend));
        await bench.SendAsync(Recorded(role, 1, transferEnded: false));
        string left = role == SessionRole.Source ? bench.OutgoingFolder : bench.StagingFolder;
        Assert.True(Directory.Exists(left));

        await bench.SendAsync(Recorded(role, 1, transferEnded: true));
        await bench.SendAsync(Recorded(role, 1, transferEnded: true));

        Assert.False(Directory.Exists(left));
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Suspend_LiveSession_RepeatsItsEndUntilRecorded(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 1));
        bench.Told();

        await bench.SendAsync(new StopSession(Samples.Id, new Epoch(1, 1), CommandId.New(), StopIntent.Suspend));
        SessionEnded ended = bench.ToldOnce<SessionEnded>();
        Assert.Equal((role, SessionEnd.Suspended), (ended.Role, ended.End));
        bench.Kit.Time.Advance(3 * bench.Services.Options.ReportInterval);
        Assert.Equal(3, bench.Told().OfType<SessionEnded>().Count());

        await bench.SendAsync(Recorded(role, 1, transferEnded: false));
        bench.Kit.Time.Advance(3 * bench.Services.Options.ReportInterval);
        Assert.Empty(bench.Told());
    }

    [Fact]
    [Trait("row", "K4")]
    public async Task Cancel_LiveDestination_AnswersCancelledAndAgainWhenAsked()
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(SessionRole.Destination, 1));
        bench.Told();

        await bench.SendAsync(Cancel(1));
        await bench.RestAsync();
        Assert.Equal(SessionEnd.Cancelled, bench.ToldOnce<SessionEnded>().End);
        await bench.SendAsync(Cancel(1));

        Assert.Equal(SessionEnd.Cancelled, bench.ToldOnce<SessionEnded>().End);
    }

    [Fact]
    public async Task Cancel_WithoutASession_IsAnsweredFromTheJournal()
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(SessionRole.Destination, 1));
        await bench.SendAsync(new StopSession(Samples.Id, new Epoch(1, 1), CommandId.New(), StopIntent.Suspend));
        await bench.SendAsync(Recorded(SessionRole.Destination, 1, transferEnded: false));
        bench.Told();

        await bench.SendAsync(Cancel(1));

        SessionEnded ended = bench.ToldOnce<SessionEnded>();
        Assert.Equal((SessionRole.Destination, SessionEnd.Cancelled, new Epoch(1, 1)), (ended.Role, ended.End, ended.Epoch));
        Assert.True(IncomingTransfer.TryReadOutcome(bench.Services.Locations.Get(new LocationName("dst")), Samples.Id)?.IsCancelled);
        await bench.SendAsync(Cancel(1));
        Assert.Equal(SessionEnd.Cancelled, bench.ToldOnce<SessionEnded>().End);
    }

    [Fact]
    public async Task Cancel_RepeatedWhileItIsAnswered_IsNotAnsweredWithAFailure()
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(SessionRole.Destination, 1));
        await bench.SendAsync(new StopSession(Samples.Id, new Epoch(1, 1), CommandId.New(), StopIntent.Suspend));
        await bench.SendAsync(Recorded(SessionRole.Destination, 1, transferEnded: false));
        bench.Told();

        // A slow disk: the coordinator repeats each second. Two at once must not open one journal twice.
        for (int i = 0; i < 20; i++)
        {
            bench.Sessions.Tell(Cancel(1));
        }

        await bench.RestAsync();

        Assert.All(bench.Told(), told => Assert.Equal(SessionEnd.Cancelled, Assert.IsType<SessionEnded>(told).End));
    }

    [Fact]
    public async Task Cancel_OfATransferWithoutAJournal_IsCancelled()
    {
        await using var bench = new SessionsBench();

        await bench.SendAsync(Cancel(3));

        Assert.Equal((SessionEnd.Cancelled, new Epoch(1, 3)), (bench.ToldOnce<SessionEnded>() is { } ended ? (ended.End, ended.Epoch) : default));
    }

    [Fact]
    public async Task Cancel_AtALocationThatIsNotHere_IsAFailureWithItsReason()
    {
        await using var bench = new SessionsBench();

        await bench.SendAsync(Cancel(1) with { Destination = Samples.Address("elsewhere:in") });

        SessionEnded ended = bench.ToldOnce<SessionEnded>();
        Assert.Equal((SessionEnd.Failed, Reason.LocationUnknown), (ended.End, ended.Problem?.Reason));
    }

    [Fact]
    public async Task Suspend_WithoutASession_IsNotAnswered()
    {
        await using var bench = new SessionsBench();

        await bench.SendAsync(new StopSession(Samples.Id, new Epoch(1, 1), CommandId.New(), StopIntent.Suspend));

        Assert.Empty(bench.Told());
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Open_WhatCannotBeOpened_EndsFailedWithItsReason(SessionRole role)
    {
        await using var bench = new SessionsBench();
        OpenSession open = Open(role, 1);

        await bench.SendAsync(open with { Request = new TransferRequest(Samples.Address("elsewhere:x"), Samples.Address("elsewhere:y")) { ResultName = "x" } });

        SessionEnded ended = bench.ToldOnce<SessionEnded>();
        Assert.Equal((role, SessionEnd.Failed, Reason.LocationUnknown), (ended.Role, ended.End, ended.Problem?.Reason));
    }

    [Theory]
    [Trait("row", "K3")]
    [MemberData(nameof(Roles))]
    public async Task Open_EpochBelowOneThatWasOpen_IsRefused(SessionRole role)
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 5));
        await bench.SendAsync(new StopSession(Samples.Id, new Epoch(1, 5), CommandId.New(), StopIntent.Suspend));
        await bench.SendAsync(Recorded(role, 5, transferEnded: false));
        bench.Told();

        await bench.SendAsync(Open(role, 4));

        SessionRefused refused = bench.ToldOnce<SessionRefused>();
        Assert.Equal((Reason.Superseded, new Epoch(1, 5)), (refused.Problem.Reason, refused.HighestEpoch));
    }

    // What its journals say from memory may not be on the disk, so no newer session may begin from it before the process is another.
    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Open_WhenAJournalCouldNotBeFlushed_IsRefusedUntilTheNodeIsStartedAgain(SessionRole role)
    {
        await using var bench = new SessionsBench();
        bench.Services.Fail(Samples.Id, new IOException("the flush failed"));

        await bench.SendAsync(Open(role, 1));

        Assert.Equal(Reason.SessionLost, bench.ToldOnce<SessionRefused>().Problem.Reason);
        await bench.SendAsync(SessionsBench.Cancel(1));
        Assert.Empty(bench.Told());
    }

    [Theory]
    [Trait("row", "P4")]
    [InlineData(SessionRole.Source)]
    [InlineData(SessionRole.Destination)]
    public async Task P4_ShutDown_WhileItTakesTime_OpensNothingElse(SessionRole role)
    {
        // Arrange: one session is open, a newer one waits for it, and the disk takes its time.
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(role, 1));
        bench.AskedOfPeers();
        bench.Told();
        using var released = new ManualResetEventSlim();
        bench.HoldSteps(released);
        bench.Sessions.Tell(Open(role, 2));
        bench.Kit.Settle();

        // Act: new work comes for the same transfer and for another one, before and after the last session has closed.
        bench.Kit.TestProbe.Send(bench.Sessions, SessionProtocol.ShutDown.Instance);
        bench.Sessions.Tell(Open(role, 3));
        bench.Sessions.Tell(Open(role, 1) with { TransferId = Samples.OtherId });
        bench.Kit.Settle();
        Assert.False(bench.Kit.TestProbe.HasMessages);
        released.Set();
        await bench.RestAsync();
        bench.Kit.TestProbe.ExpectMsg<SessionProtocol.Closed>();
        await bench.SendAsync(Open(role, 4));

        // Assert: nobody was told that anything opened, and nothing of the other transfer is on the disk.
        Assert.Empty(bench.AskedOfPeers().OfType<PeerProtocol.Attach>());
        Assert.Empty(bench.ToldOfAny().OfType<SessionOpened>());
        Assert.False(Directory.Exists(bench.OutgoingFolder.Replace(Samples.Id.Value, Samples.OtherId.Value, StringComparison.Ordinal)));
        Assert.False(Directory.Exists(bench.StagingFolder.Replace(Samples.Id.Value, Samples.OtherId.Value, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ShutDown_LiveSessions_AreClosedThenAnswered()
    {
        await using var bench = new SessionsBench();
        await bench.SendAsync(Open(SessionRole.Source, 1));
        await bench.SendAsync(Open(SessionRole.Destination, 1));
        bench.Told();

        bench.Kit.TestProbe.Send(bench.Sessions, SessionProtocol.ShutDown.Instance);
        await bench.RestAsync();

        bench.Kit.TestProbe.ExpectMsg<SessionProtocol.Closed>();
        Assert.Empty(bench.Told());
    }
}
