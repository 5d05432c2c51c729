using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Actors;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Coordination;
using ClusterTransfer.Transfers.Tests.Support;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>The root of a hub's transfers: start, recovery in bounded numbers, words to nodes that missed the end.</summary>
public sealed class CoordinatorsActorTests
{
    private static readonly CoordinationOptions FewRecoveries = new() { Recoveries = 3 };

    [Fact]
    public async Task Leftover_OfATransferThatWasNeverAccepted_GoesOnceNothingWasWrittenForLong()
    {
        await using var bench = new CoordinatorBench(1);

        bench.FromNode(B, Question(OtherId));

        (NodeId to, ForgetLeftover forget) = bench.NextSent<ForgetLeftover>();
        Assert.Equal((B, OtherId, SessionRole.Destination, bench.Options.KeepFailed), (to, forget.TransferId, forget.Role, forget.UnusedFor));
    }

    // The hub went back to an older copy of its journal. Nobody would ever confirm the session, and what it holds would wait for its names for ever.
    [Fact]
    public async Task Doubt_AboutATransferThatWasNeverAccepted_EndsTheSession()
    {
        await using var bench = new CoordinatorBench(1);

        bench.FromNode(B, new SessionDoubted(OtherId, new Epoch(1, 1), SessionRole.Destination, 1));

        (NodeId to, OutcomeRecorded recorded) = bench.NextSent<OutcomeRecorded>();
        Assert.Equal((B, OtherId, new Epoch(1, 1), SessionRole.Destination, false), (to, recorded.TransferId, recorded.Epoch, recorded.Role, recorded.TransferEnded));
    }

    [Theory]
    [InlineData("the catalogue fails")]
    [InlineData("the hub has not listed its transfers")]
    [InlineData("it runs")]
    [InlineData("it is no question")]
    public async Task Leftover_WhenNobodyCanBeSure_IsNotAnswered(string why)
    {
        await using var bench = new CoordinatorBench(1);
        switch (why)
        {
            case "the catalogue fails":
                bench.Catalogue.FailuresLeft = 1;
                break;
            case "the hub has not listed its transfers":
                await using (var starting = new CoordinatorBench(1, start: false))
                {
                    starting.Catalogue.FailuresLeft = 1;
                    starting.Start();
                    starting.FromNode(B, Question(OtherId));
                    Assert.DoesNotContain(starting.Sent(), message => message is ForgetLeftover);
                }

                return;
            case "it runs":
                bench.Submit(id: OtherId);
                break;
            default:
                bench.FromNode(B, new SessionProgressed(OtherId, new Epoch(1, 1), SessionRole.Destination, new TransferProgress()));
                Assert.DoesNotContain(bench.Sent(), message => message is ForgetLeftover);
                return;
        }

        bench.FromNode(B, Question(OtherId));

        Assert.DoesNotContain(bench.Sent(), message => message is ForgetLeftover);
    }

    [Fact]
    public async Task MayForget_OfATransferThatNobodyHas_IsSo()
    {
        await using var bench = new CoordinatorBench(1);

        Assert.True(bench.MayForget(OtherId));
    }

    [Fact]
    public async Task MayForget_WhileItRuns_IsNotSo()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();

        Assert.False(bench.MayForget(Id));
    }

    [Fact]
    public async Task MayForget_BeforeTheHubKnowsItsTransfers_CannotBeSaid()
    {
        await using var bench = new CoordinatorBench(1, start: false);
        bench.Catalogue.FailuresLeft = 1;
        bench.Start();

        Assert.Null(bench.MayForget(OtherId));
    }

    private static SessionEnded Question(TransferId id) => new(id, Epoch.None, SessionRole.Destination, SessionEnd.Suspended) { Progress = new TransferProgress() };

    [Fact]
    public async Task Start_ManyOpenTransfers_RecoversAtMostTheLimitAtOnce()
    {
        await using Stored stored = await Stored.WithAsync(10);
        await using CoordinatorBench bench = stored.Bench(FewRecoveries);
        var gates = new Dictionary<string, TaskCompletionSource>();
        int most = 0;
        bench.Journal.ReadGate = stream =>
        {
            if (stream is "queue" or "node-limits")
            {
                return Task.CompletedTask;
            }

            gates[stream] = new TaskCompletionSource();
            most = Math.Max(most, gates.Values.Count(gate => !gate.Task.IsCompleted));
            return gates[stream].Task;
        };

        bench.Start();
        int recovered = 0;
        while (gates.Values.FirstOrDefault(gate => !gate.Task.IsCompleted) is { } gate)
        {
            gate.SetResult();
            recovered++;
            await bench.Kit.SettleAsync();
        }

        Assert.Equal((3, 10), (most, recovered));
        Assert.Equal(10, bench.Live.Ids.Count());
    }

    [Fact]
    public async Task Start_SubmitsMeanwhile_DoNotRaiseTheLimitOfRecoveries()
    {
        await using Stored stored = await Stored.WithAsync(10);
        await using CoordinatorBench bench = stored.Bench(FewRecoveries);
        var gates = new Dictionary<string, TaskCompletionSource>();
        int most = 0;
        bench.Journal.ReadGate = stream =>
        {
            if (stream is "queue" or "node-limits" || stream.EndsWith("zzzz", StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            gates[stream] = new TaskCompletionSource();
            most = Math.Max(most, gates.Values.Count(gate => !gate.Task.IsCompleted));
            return gates[stream].Task;
        };

        bench.Start();
        for (int i = 0; i < 5; i++)
        {
            bench.Submit(id: new TransferId($"00000000000{i}zzzz"));
        }

        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Start_StreamsThatCannotBeRead_DoNotHoldTheOthersUp()
    {
        await using Stored stored = await Stored.WithAsync(10);
        await using CoordinatorBench bench = stored.Bench(FewRecoveries);
        bench.Journal.ReadFault = stream => stream.EndsWith('1') || stream.EndsWith('2') || stream.EndsWith('3') || stream.EndsWith('4') ? new IOException("damaged") : null;

        bench.Start();

        Assert.Equal(6, bench.Live.Ids.Count());
    }

    [Fact]
    public async Task Start_StreamThatCannotBeReadForAWhile_IsTakenUpLater()
    {
        await using Stored stored = await Stored.WithAsync(1);
        await using CoordinatorBench bench = stored.Bench();
        bench.Journal.ReadFault = _ => new IOException("busy");
        bench.Start();
        Assert.Empty(bench.Live.Ids);

        bench.Time.Advance(TimeSpan.FromMinutes(1));
        bench.Journal.ReadFault = null;
        bench.Time.Advance(bench.Options.RetryMax + TimeSpan.FromSeconds(1));

        Assert.Single(bench.Live.Ids);
    }

    [Fact]
    public async Task Start_StreamThatIsDamaged_StandsWithItsRowNamed_AndTheOthersGoOn()   // Q6
    {
        await using Stored stored = await Stored.WithAsync(3);
        TransferId damaged = Stored.IdOf(1);
        await stored.Catalogue.UpsertAsync(
            new TransferResource { Id = damaged, Source = "src:x", Destination = "dst:y", ResultName = "x", State = TransferState.Active, Desired = DesiredState.Run, CreatedAt = Noon, SourceNode = A },
            TestContext.Current.CancellationToken);
        await using CoordinatorBench bench = stored.Bench();
        int reads = 0;
        bench.Journal.ReadFault = stream =>
        {
            if (!stream.EndsWith(damaged.Value, StringComparison.Ordinal))
            {
                return null;
            }

            reads++;
            return new JournalFormatException(stream, 7, Reason.DiskError, "does not read as 'session-given' version 1");
        };

        bench.Start();
        bench.Members(Members());
        bench.Time.Advance(10 * bench.Options.RetryMax);

        Assert.Equal(1, reads);   // the same again would say the same
        TransferResource shown = bench.Live.Find(damaged)!;
        Assert.Equal((TransferState.Active, Reason.DiskError, null), (shown.State, shown.Problem?.Reason, shown.SourceNode));
        Assert.Contains($"'transfer-{damaged}', row 7", shown.Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal(2, bench.Sent().OfType<OpenSession>().Select(open => open.TransferId).Distinct().Count());
        Problem refused = Assert.IsType<CoordinationProtocol.Refused>(bench.Cancel(damaged)).Problem;
        Assert.Contains("row 7", refused.Detail, StringComparison.Ordinal);
        Assert.Equal([(damaged, shown.Problem)], bench.Live.Unreadable.Select(of => (of.Key, of.Value)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Retired_WishesThatWerePassedOnBefore_AreAnsweredFirst(int seed)
    {
        // Each is on its way between parent and coordinator when that asks to leave; none may vanish with it.
        await using CoordinatorBench bench = new CoordinatorBench(seed).Active();
        bench.End(SessionRole.Destination, SessionEnd.Completed, CoordinatorBench.Done with { FilesPublished = 1, FilesParked = 1 }, issues: Issue("tree/a", Reason.ChunkCorrupt, FileState.Parked));
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        IActorRef asker = bench.Kit.TestProbe.Ref;
        const int wishes = 20;
        for (int i = 0; i < wishes; i++)
        {
            if (i == wishes / 2)
            {
                // Its next look at itself: all is catalogued, so it asks to leave. How far the wishes have come by then is the seed's choice.
                bench.Kit.Sys.ActorSelection($"/user/transfers/{Id}").Tell(CoordinationProtocol.Repeat.Instance, ActorRefs.NoSender);
            }

            bench.Hub.Tell(new CoordinationProtocol.Pause(Id), asker);
        }

        bench.Kit.Settle();
        Assert.Null(bench.State);
        for (int i = 0; i < wishes; i++)
        {
            Assert.Equal(Reason.WrongState, bench.Kit.TestProbe.ExpectMsg<CoordinationProtocol.Refused>().Problem.Reason);
        }
    }

    [Fact]
    public async Task Start_CatalogueFails_IsTriedAgainWithPauses()
    {
        await using Stored stored = await Stored.WithAsync(2);
        stored.Catalogue.FailuresLeft = 3;
        await using CoordinatorBench bench = stored.Bench();

        bench.Start();
        Assert.Empty(bench.Live.Ids);
        bench.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(2, bench.Live.Ids.Count());
        Assert.Equal(1, bench.Catalogue.Listings);
    }

    [Fact]
    public async Task Start_MembersKnownBefore_AreKnownToRecoveredTransfers()
    {
        await using Stored stored = await Stored.WithAsync(1);
        await using CoordinatorBench bench = stored.Bench();

        bench.Start();
        bench.Members(Members());

        Assert.Equal(B, bench.NextSent<OpenSession>().To);
    }

    [Fact]
    public async Task Cancel_OfATransferThatWaitsForItsRecovery_IsTaken()
    {
        await using Stored stored = await Stored.WithAsync(5);
        await using CoordinatorBench bench = stored.Bench(new CoordinationOptions { Recoveries = 1 });
        var gate = new TaskCompletionSource();
        bench.Journal.ReadGate = stream => stream.EndsWith('0') ? gate.Task : Task.CompletedTask;
        bench.Start();

        Assert.IsType<CoordinationProtocol.Accepted>(bench.Cancel(Stored.IdOf(4)));

        gate.SetResult();
    }

    [Theory]
    [InlineData("ended")]
    [InlineData("progressed")]
    [InlineData("opened")]
    public async Task LateReport_OfATransferThatHasRetired_IsAnswered(string kind)
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();
        Epoch epoch = bench.Session.Epoch;
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        bench.Time.Advance(2 * bench.Options.RepeatInterval);
        Assert.Null(bench.State);
        bench.Sent();

        bench.FromNode(B, kind switch
        {
            "ended" => new SessionEnded(Id, epoch, SessionRole.Destination, SessionEnd.Completed) { Progress = CoordinatorBench.Done },
            "progressed" => new SessionProgressed(Id, epoch, SessionRole.Destination, CoordinatorBench.Done),
            _ => new SessionOpened(Id, epoch, SessionRole.Destination, Run(1)),
        });

        (NodeId to, OutcomeRecorded word) = bench.NextSent<OutcomeRecorded>();
        Assert.Equal((B, epoch, SessionRole.Destination, true), (to, word.Epoch, word.Role, word.TransferEnded));
        Assert.Equal(Request.Destination, word.Destination);
        Assert.Null(bench.State);
    }

    [Fact]
    public async Task Catalogue_FailsAtTheEnd_IsWrittenLaterAndOnlyThenTheCoordinatorRetires()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Finishing();
        bench.Catalogue.FailuresLeft = 5;
        bench.End(SessionRole.Source, SessionEnd.Completed, CoordinatorBench.SourceDone);
        Assert.NotEqual(TransferState.Completed, bench.Catalogue.Row(Id)?.State);
        Assert.Equal("Ended", bench.State);

        bench.Time.Advance(10 * bench.Options.RepeatInterval);

        Assert.Equal(TransferState.Completed, bench.Catalogue.Row(Id)?.State);
        Assert.Null(bench.State);
    }

    [Fact]
    public async Task Catalogue_OfARunningTransfer_IsRefreshedAtItsInterval()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Active();
        int before = bench.Catalogue.Upserts;
        for (int second = 0; second < 60; second++)
        {
            bench.Progressed(SessionRole.Source);
            bench.Progressed(SessionRole.Destination, durable: second);
            bench.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(bench.Catalogue.Upserts - before, 10, 13);
        Assert.Equal(TransferState.Active, bench.Catalogue.Row(Id)?.State);
    }

    [Fact]
    public async Task Coordinator_ThatFailed_KnowsTheMembersAgain()
    {
        await using CoordinatorBench bench = new CoordinatorBench(1).Negotiating();

        // Whatever the bug was: it starts anew from its journal, and no membership change comes to help.
        bench.Catalogue.ThrowsNext = true;
        bench.FromNode(B, new SessionNoted(Id, bench.Session.Epoch, SessionRole.Destination, "note", "boom"));
        Assert.False(bench.Catalogue.ThrowsNext);
        bench.Sent();
        bench.Refused(SessionRole.Destination, Reason.LimitReached);
        bench.Time.Advance(bench.Options.RetryMin);

        Assert.Equal(new Epoch(1, 2), bench.NextSent<OpenSession>().Message.Epoch);
    }

    /// <summary>Transfers that an earlier run of the hub accepted.</summary>
    private sealed class Stored : IAsyncDisposable
    {
        private Stored(InMemoryJournal journal) => (Journal, Catalogue) = (journal, new FakeCatalogue(journal));

        public InMemoryJournal Journal { get; }

        public FakeCatalogue Catalogue { get; }

        public static TransferId IdOf(int number) => new($"000000000000000{number}");

        public static async Task<Stored> WithAsync(int count)
        {
            var stored = new Stored(new InMemoryJournal());
            for (int i = 0; i < count; i++)
            {
                stored.Catalogue.Known.Add(IdOf(i));
                await stored.Journal.AppendAsync($"transfer-{IdOf(i)}", 0, [Submitted() with { Id = IdOf(i) }], CancellationToken.None);
            }

            return stored;
        }

        public CoordinatorBench Bench(CoordinationOptions? options = null) => new(1, options, Journal, Catalogue, start: false);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
