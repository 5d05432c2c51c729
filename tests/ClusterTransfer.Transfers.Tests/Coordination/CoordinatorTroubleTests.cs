using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Sessions that break, nodes that restart, refusals, strangers.</summary>
public sealed class CoordinatorTroubleTests
{
    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [InlineData(SessionRole.Source)]
    [InlineData(SessionRole.Destination)]
    public async Task Active_NodeRestarts_AtOnceANewEpochForTheNewRun(SessionRole restarted)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        TransferEvents.SessionGiven first = bench.Session;

        bench.Members(restarted == SessionRole.Source ? Members(runOfA: 2) : Members(runOfB: 2));
        bench.Time.Advance(TimeSpan.Zero);

        OpenSession open = bench.NextSent<OpenSession>(next => next.Epoch > first.Epoch).Message;
        Assert.Equal(new Epoch(1, 2), open.Epoch);
        Assert.NotEqual(first.SessionId, open.SessionId);
        Assert.NotEqual(first.Secret, open.Secret);
        Assert.Equal(restarted == SessionRole.Destination ? Run(2) : Run(1), open.Target);
        Assert.Equal("Negotiating", bench.State);
    }

    // Else the next run of the hub would give the same epoch to another session.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Session_WhoseJournalWriteIsCutOff_NobodyHasHeardOf(bool isDurable)
    {
        await using var bench = new CoordinatorBench(1);
        bench.Submit();
        bench.Journal.Reopen(cutAt: 1);
        bench.Journal.CutIsDurable = isDurable;

        bench.Members(Members());

        Assert.True(bench.Journal.IsCut);
        Assert.Equal(isDurable, bench.Events.OfType<TransferEvents.SessionGiven>().Any());
        bench.AssertNothingSent();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task OldEpoch_AnyMessage_ChangesNothing(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Active();
        Epoch old = bench.Session.Epoch;
        bench.Members(Members(runOfB: 2));
        bench.Time.Advance(TimeSpan.Zero);
        int events = bench.Events.Count;
        bench.Sent();

        bench.FromNode(A, new SessionOpened(Id, old, SessionRole.Source, Run(1)));
        bench.FromNode(B, new SessionOpened(Id, old, SessionRole.Destination, Run(1)));
        bench.Refused(SessionRole.Destination, Reason.NoSpace, old);
        bench.FromNode(B, new SessionNoted(Id, old, SessionRole.Destination, "chunk-lost", "late"));
        bench.AssertNothingSent();

        bench.Progressed(SessionRole.Source, epoch: old);
        OutcomeRecorded toReporter = Assert.IsType<OutcomeRecorded>(Assert.Single(bench.Sent()));
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done, old);
        OutcomeRecorded toEnded = Assert.IsType<OutcomeRecorded>(Assert.Single(bench.Sent()));

        Assert.Equal((old, false, SessionRole.Source), (toReporter.Epoch, toReporter.TransferEnded, toReporter.Role));
        Assert.Equal((old, false, SessionRole.Destination), (toEnded.Epoch, toEnded.TransferEnded, toEnded.Role));
        Assert.Equal(events, bench.Events.Count);
        Assert.Equal("Negotiating", bench.State);
        Assert.DoesNotContain("chunk-lost", bench.Catalogue.Kinds);
    }

    [Theory]
    [InlineData(Reason.NoSpace)]
    [InlineData(Reason.PathNotFound)]
    [InlineData(Reason.DestinationNotWritable)]
    [InlineData(Reason.ProtocolViolation)]
    [InlineData(Reason.LocationUnknown)]
    public async Task Refused_ForAPermanentReason_FailsAtOnceWithIt(Reason reason)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();

        bench.Refused(SessionRole.Destination, reason);

        Assert.Equal((TransferState.Failed, reason), (bench.Ended!.State, bench.Ended.Problem!.Reason));
        Assert.Contains(bench.Sent(), sent => sent is OutcomeRecorded { TransferEnded: true, Role: SessionRole.Destination });
    }

    [Theory]
    [InlineData(Reason.Superseded)]
    [InlineData(Reason.NodeUnreachable)]
    [InlineData(Reason.LimitReached)]
    public async Task Refused_ForATransientReason_TriesAgainAfterBackoff(Reason reason)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();

        bench.Refused(SessionRole.Destination, reason);

        Assert.Equal("Queued", bench.State);
        Assert.Equal(reason, bench.Live.Find(Id)?.Problem?.Reason);
        Assert.NotNull(bench.Live.Find(Id)?.NextRetrySeconds);
        bench.Time.Advance((bench.Options.RetryMin / 2) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(bench.Sent().OfType<OpenSession>());
        bench.Time.Advance((bench.Options.RetryMin / 2) + TimeSpan.FromMilliseconds(1));
        Assert.Equal(new Epoch(1, 2), bench.NextSent<OpenSession>().Message.Epoch);
    }

    [Fact]
    public async Task SourceEnd_OfASessionThatWasGivenUp_IsNotTakenForTheNextOnes()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Epoch before = bench.Session.Epoch;
        bench.End(SessionRole.Destination, SessionEnd.Suspended);
        bench.End(SessionRole.Source, SessionEnd.Suspended, CoordinatorBench.SourceDone);
        bench.Time.Advance(bench.Options.RetryMax);
        Assert.True(bench.Session.Epoch > before);
        bench.Opened(SessionRole.Destination);
        bench.Opened(SessionRole.Source);

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done);
        Assert.Equal("Finishing", bench.State);
        bench.End(
            SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone with { FilesSkipped = 1 }, issues: Issue("tree/b", Reason.SourceUnreadable, FileState.Skipped));

        Assert.Equal(TransferState.Partial, bench.Ended?.State);
    }

    [Fact]
    public async Task Refused_TwiceForOneEpoch_BreaksOneSession()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        Epoch epoch = bench.Session.Epoch;

        bench.Refused(SessionRole.Destination, Reason.LimitReached, epoch);
        bench.Refused(SessionRole.Destination, Reason.LimitReached, epoch);

        Assert.Single(bench.Events.OfType<TransferEvents.SessionBroken>());
    }

    [Fact]
    public async Task Sessions_ThatBringNothing_PauseLongerEachTimeAndEndAfterTwenty()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        List<TimeSpan> pauses = [];
        for (int session = 1; bench.Ended is null; session++)
        {
            Assert.True(session <= 20, "The limit of fruitless sessions does not hold.");
            bench.Refused(SessionRole.Destination, Reason.LimitReached);
            if (bench.Ended is null)
            {
                TimeSpan before = bench.Time.Elapsed;
                while (bench.Events.OfType<TransferEvents.SessionGiven>().Count() == session)
                {
                    bench.Time.Advance(TimeSpan.FromMilliseconds(50));
                    Assert.True(bench.Time.Elapsed - before <= bench.Options.RetryMax + TimeSpan.FromSeconds(1), "No session follows.");
                }

                pauses.Add(bench.Time.Elapsed - before);
            }
        }

        Assert.Equal(20, bench.Events.OfType<TransferEvents.SessionGiven>().Count());
        Assert.Equal((TransferState.Failed, Reason.LimitReached), (bench.Ended.State, bench.Ended.Problem!.Reason));
        for (int i = 0; i < pauses.Count; i++)
        {
            double ceiling = Math.Min(bench.Options.RetryMax.TotalSeconds, bench.Options.RetryMin.TotalSeconds * Math.Pow(2, i));
            Assert.InRange(pauses[i].TotalSeconds, ceiling / 2, ceiling + 0.05);
        }
    }

    [Fact]
    public async Task Sessions_ThatEachBringSomething_AreNotCountedOut()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        for (int session = 1; session <= 40; session++)
        {
            bench.Opened(SessionRole.Destination);
            bench.Opened(SessionRole.Source);
            bench.Progressed(SessionRole.Destination, durable: session * 100);
            bench.End(SessionRole.Source, SessionEnd.Suspended);
            bench.Time.Advance(bench.Options.RetryMin);
            Assert.Equal((uint)session + 1, bench.Session.Epoch.Session);
        }

        Assert.Null(bench.Ended);
    }

    [Fact]
    public async Task FruitlessLimit_Reached_BothNodesMayForget()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        while (bench.Ended is null)
        {
            bench.Sent();
            bench.Refused(SessionRole.Destination, Reason.LimitReached);
            if (bench.Ended is null)
            {
                bench.Time.Advance(bench.Options.RetryMax);
            }
        }

        OutcomeRecorded[] told = [.. bench.Sent().OfType<OutcomeRecorded>()];
        Assert.Contains(told, word => word is { Role: SessionRole.Source, TransferEnded: true });
        Assert.Contains(told, word => word is { Role: SessionRole.Destination, TransferEnded: true });
    }

    [Theory]
    [InlineData(SessionRole.Source, SessionEnd.Suspended)]
    [InlineData(SessionRole.Destination, SessionEnd.Suspended)]
    public async Task Active_EndSuspended_IsToldAndAnotherSessionFollows(SessionRole role, SessionEnd end)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Epoch epoch = bench.Session.Epoch;

        bench.End(role, end);

        OutcomeRecorded told = Assert.IsType<OutcomeRecorded>(Assert.Single(bench.Sent()));
        Assert.Equal((epoch, role, false), (told.Epoch, told.Role, told.TransferEnded));
        bench.Time.Advance(bench.Options.RetryMin);
        Assert.Equal(new Epoch(1, 2), bench.NextSent<OpenSession>().Message.Epoch);
    }

    [Theory]
    [InlineData(SessionRole.Source)]
    [InlineData(SessionRole.Destination)]
    public async Task Active_EndFailed_FailsTheTransferWithItsReason(SessionRole role)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        bench.End(role, SessionEnd.Failed, reason: Reason.DiskError);

        Assert.Equal((TransferState.Failed, Reason.DiskError), (bench.Ended!.State, bench.Ended.Problem!.Reason));
    }

    [Theory]
    [InlineData(SessionEnd.Completed)]
    [InlineData(SessionEnd.Failed)]
    [InlineData(SessionEnd.Suspended)]
    public async Task SessionEnded_FromANodeThatIsNotOfTheSession_ChangesNothing(SessionEnd end)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        int events = bench.Events.Count;

        bench.End(SessionRole.Destination, end, CoordinatorBench.Done, from: C);
        bench.End(SessionRole.Destination, end, CoordinatorBench.Done, from: A);
        bench.End(SessionRole.Source, end, CoordinatorBench.Done, from: B);

        Assert.Equal(events, bench.Events.Count);
        Assert.Equal("Active", bench.State);
    }

    [Fact]
    public async Task SessionEnded_OfAnOldSessionOnANodeTheLocationLeft_IsToldAllTheSame()
    {
        // Else it would repeat its report for as long as the transfer runs.
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        Epoch old = bench.Session.Epoch;
        bench.Members([Member(A, Run(2), "src"), Member(C, Run(1), "dst")]);
        bench.Time.Advance(TimeSpan.Zero);
        Assert.Equal(C, bench.Session.Destination);
        bench.Sent();

        bench.End(SessionRole.Destination, SessionEnd.Suspended, epoch: old, from: B);

        Assert.Equal(old, Assert.IsType<OutcomeRecorded>(Assert.Single(bench.Sent())).Epoch);
    }

    [Fact]
    public async Task SessionMessage_OfAnEpochNeverGiven_ChangesNothing()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        int events = bench.Events.Count;
        var never = new Epoch(1, 7);

        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done, never);
        bench.End(SessionRole.Source, SessionEnd.Failed, null, never);
        bench.Refused(SessionRole.Destination, Reason.NoSpace, never);

        Assert.Equal(events, bench.Events.Count);
        Assert.Equal("Active", bench.State);
    }

    // ---- once the destination is done, nothing but the source's last report is waited for

    // Entries that the scan could not list are known to the source alone: without its word nobody may say that all is there.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DestinationCompleted_ItsWordIsNeverHeard_IsAskedForAndAnsweredTheSame(bool hubRestarts)   // K4
    {
        await using CoordinatorBench before = new CoordinatorBench(1).Active();
        Epoch epoch = before.Session.Epoch;
        before.Sent();
        await using CoordinatorBench? after = hubRestarts ? new CoordinatorBench(2, stored: before.Stored, catalogue: before.Catalogue) : null;
        CoordinatorBench bench = after ?? before;
        bench.Members(Members());

        // Silent: it is asked with the command of its session, which one that has ended answers with its end.
        bench.Time.Advance(bench.Options.SilenceLimit + bench.Options.RepeatInterval);
        Assert.Contains(bench.Sent().OfType<OpenSession>(), open => open.Role == SessionRole.Destination && open.Epoch == epoch);
        for (int repeat = 0; repeat < 3; repeat++)
        {
            bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done, epoch);
            bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone, epoch);
        }

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
        Assert.Single(bench.Events.OfType<TransferEvents.DestinationDone>());
        Assert.Single(bench.Events.OfType<TransferEvents.Ended>());
    }

    [Fact]
    public async Task Finishing_SourceNeverHeardOf_IsPartialNotCompleted()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing(scanIsKnown: false);

        bench.Time.Advance(bench.Options.SourceReportTimeout + TimeSpan.FromSeconds(1));

        Assert.Equal(TransferState.Partial, bench.Ended?.State);
    }

    [Theory]
    [InlineData(SessionRole.Source)]
    [InlineData(SessionRole.Destination)]
    public async Task Finishing_NodeRestarts_GivesNoFurtherSession(SessionRole restarted)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();

        bench.Members(restarted == SessionRole.Source ? Members(runOfA: 2) : Members(runOfB: 2));
        bench.Time.Advance(bench.Options.SourceReportTimeout + TimeSpan.FromSeconds(1));

        Assert.Single(bench.Events.OfType<TransferEvents.SessionGiven>());
        Assert.Equal(TransferState.Completed, bench.Ended?.State);
    }

    [Theory]
    [InlineData(Reason.SessionLost)]
    [InlineData(Reason.PathNotFound)]
    public async Task Finishing_LateRefusal_DoesNotUndoTheDelivery(Reason reason)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();

        bench.Refused(SessionRole.Source, reason);
        bench.Time.Advance(bench.Options.SourceReportTimeout + TimeSpan.FromSeconds(1));

        Assert.Single(bench.Events.OfType<TransferEvents.SessionGiven>());
        Assert.Equal(TransferState.Completed, bench.Ended?.State);
    }

    [Theory]
    [InlineData(SessionEnd.Suspended)]
    [InlineData(SessionEnd.Failed)]
    [InlineData(SessionEnd.Cancelled)]
    public async Task Finishing_SourceEndedOtherwise_DoesNotUndoTheDelivery(SessionEnd end)
    {
        // Its connections broke before it heard that all is there.
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();

        bench.End(SessionRole.Source, end, CoordinatorBench.SourceDone);

        Assert.Equal(TransferState.Completed, bench.Ended?.State);
    }

    // ---- the journal and the coordinator itself

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task SequenceConflict_StopsTheCoordinatorWhichThenReloads(int seed)
    {
        await using CoordinatorBench bench = new CoordinatorBench(seed).Negotiating();

        // Another coordinator of this transfer wrote first.
        await bench.Stored.AppendAsync($"transfer-{Id}", 2, [new TransferEvents.CancelRequested(Noon)], CancellationToken.None);
        bench.Refused(SessionRole.Destination, Reason.LimitReached);

        Assert.Null(bench.State);
        Assert.Empty(bench.Events.OfType<TransferEvents.SessionBroken>());

        bench.Time.Advance(bench.Options.RetryMax);
        Assert.Equal("Cancelling", bench.State);
    }

    [Fact]
    public async Task JournalFailsForAWhile_TransferGoesOnAfterwards()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        bench.Journal.Fault = () => new IOException("The disk is full.");
        bench.Refused(SessionRole.Destination, Reason.LimitReached);
        Assert.Null(bench.State);

        bench.Time.Advance(TimeSpan.FromMinutes(2));
        bench.Journal.Fault = null;
        bench.Sent();
        bench.Time.Advance(bench.Options.RetryMax + TimeSpan.FromSeconds(2));

        Assert.Equal("Negotiating", bench.State);
        Assert.NotEmpty(bench.Sent().OfType<OpenSession>());
    }

    [Fact]
    public async Task Cancel_WhileTheCoordinatorIsDown_BringsItBack()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();
        bench.Journal.Fault = () => new IOException("The disk is full.");
        bench.Refused(SessionRole.Destination, Reason.LimitReached);
        Assert.Null(bench.State);
        bench.Journal.Fault = null;

        Assert.IsType<CoordinationProtocol.Accepted>(bench.Cancel());

        Assert.Single(bench.Events.OfType<TransferEvents.CancelRequested>());
    }
}
