using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>Whole lives of a transfer against scripted nodes, by seed: whatever is lost, doubled, late or killed, one end is journaled and it is true.</summary>
public sealed class CoordinatorSimulationTests
{
    private static readonly BusWeather Storm = new(LossPercent: 25, DoublePercent: 25, MaxDelay: TimeSpan.FromSeconds(4));
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(15);

    public static TheoryData<int> Decades => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    [Fact]
    public async Task FairWeather_Transfer_Completes()
    {
        await using var cluster = new SimulatedCluster(1);
        cluster.StartHub();
        cluster.Submit();

        await cluster.RunToTheEndAsync(TimeSpan.FromMinutes(1));

        cluster.AssertSound();
        Assert.Equal(TransferState.Completed, cluster.Ended?.State);
        Assert.True(cluster.Source.HasForgotten && cluster.Destination.HasForgotten);
    }

    [Theory]
    [MemberData(nameof(Decades))]
    public async Task Storm_MessagesLostDoubledAndReordered_EndsOnceAndTruly(int decade)
    {
        for (int seed = (decade * 10) + 1; seed <= (decade * 10) + 10; seed++)
        {
            await using var cluster = new SimulatedCluster(seed);
            cluster.Bus.Weather = Storm;
            cluster.StartHub();
            cluster.Submit();

            await cluster.RunToTheEndAsync(Enough);

            cluster.AssertSound();
            Assert.Equal(TransferState.Completed, cluster.Ended?.State);
        }
    }

    [Theory]
    [MemberData(nameof(Decades))]
    public async Task Storm_WithRestartsSuspensionsKillsAndCancels_EndsOnceAndTruly(int decade)
    {
        for (int seed = (decade * 10) + 1; seed <= (decade * 10) + 10; seed++)
        {
            await using var cluster = new SimulatedCluster(seed);
            var random = new Random(seed);
            cluster.Bus.Weather = Storm;
            cluster.StartHub();
            cluster.Submit();
            TimeSpan? cancelAt = random.Next(2) == 0 ? TimeSpan.FromSeconds(random.Next(60)) : null;

            await cluster.RunToTheEndAsync(Enough, async () =>
            {
                if (cluster.Elapsed > TimeSpan.FromMinutes(2))
                {
                    cluster.Bus.Weather = BusWeather.Fair;
                    return;
                }

                if (cluster.Elapsed >= cancelAt)
                {
                    cancelAt = null;
                    cluster.Cancel();
                }

                switch (random.Next(60))
                {
                    case 0: cluster.RestartNode(cluster.Source); break;
                    case 1: cluster.RestartNode(cluster.Destination); break;
                    case 2: cluster.Source.Suspend(random); break;
                    case 3: cluster.Destination.Suspend(random); break;
                    case 4:
                        await cluster.KillHubAsync();
                        cluster.StartHub();
                        break;
                    default: break;
                }
            });

            cluster.AssertSound();
        }
    }

    [Theory]
    [MemberData(nameof(Decades))]
    public async Task Storm_WithPausesResumesRestartsAndKills_HoldsWhilePausedAndEndsOnce(int decade)
    {
        for (int seed = (decade * 10) + 1; seed <= (decade * 10) + 10; seed++)
        {
            await using var cluster = new SimulatedCluster(seed);
            var random = new Random(seed);
            cluster.Bus.Weather = Storm;
            cluster.StartHub();
            cluster.Submit();

            await cluster.RunToTheEndAsync(Enough, async () =>
            {
                if (cluster.Elapsed > TimeSpan.FromMinutes(2))
                {
                    cluster.Bus.Weather = BusWeather.Fair;
                    cluster.Resume();
                    return;
                }

                switch (random.Next(40))
                {
                    case 0 or 1 or 2: cluster.Pause(); break;
                    case 3 or 4: cluster.Resume(); break;
                    case 5: cluster.RestartNode(cluster.Source); break;
                    case 6: cluster.RestartNode(cluster.Destination); break;
                    case 7:
                        await cluster.KillHubAsync();
                        cluster.StartHub();
                        break;
                    default: break;
                }
            });

            cluster.AssertSound();
            Assert.Equal(TransferState.Completed, cluster.Ended?.State);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Wishes_RacingTheEndAndEachOther_HaveOneWinnerTheSameEverywhere(int half)   // K5
    {
        var states = new Dictionary<TransferState, int>();
        for (int seed = (half * 100) + 1; seed <= (half * 100) + 100; seed++)
        {
            await using var cluster = new SimulatedCluster(seed);
            var random = new Random(seed);
            cluster.Bus.Weather = Storm with { LossPercent = 10 };
            cluster.StartHub();
            cluster.Submit();
            int from = random.Next(7, 11);
            int wishes = 0;

            await cluster.RunToTheEndAsync(Enough, () =>
            {
                if (cluster.Destination.Durable >= from && wishes < 12)
                {
                    Action[] all = [cluster.Pause, cluster.Resume, cluster.PauseQueue, cluster.ResumeQueue, cluster.Pause, cluster.Resume, cluster.Cancel];
                    all[random.Next(all.Length - (wishes < 6 ? 1 : 0))]();
                    all[random.Next(4)]();
                    wishes++;
                }
                else if (wishes >= 12)
                {
                    cluster.Resume();
                    cluster.ResumeQueue();
                }

                return Task.CompletedTask;
            });

            cluster.AssertSound();
            Assert.Equal(cluster.Ended!.State, cluster.Listed);
            states[cluster.Ended.State] = states.GetValueOrDefault(cluster.Ended.State) + 1;
        }

        Assert.True(states.GetValueOrDefault(TransferState.Completed) > 0 && states.GetValueOrDefault(TransferState.Cancelled) > 0, "Both must win sometimes.");
    }

    [Theory]
    [MemberData(nameof(Decades))]
    public async Task Paused_AtAnyMoment_NothingMovesUntilResumed(int decade)
    {
        for (int seed = (decade * 10) + 1; seed <= (decade * 10) + 10; seed++)
        {
            await using var cluster = new SimulatedCluster(seed);
            cluster.StartHub();
            cluster.Submit();
            for (int step = 0; step < seed % 9; step++)
            {
                cluster.Step();
            }

            cluster.Pause();
            for (int step = 0; step < 30; step++)
            {
                cluster.Step();
            }

            int held = cluster.Destination.Durable;
            Assert.False(cluster.Source.HasSession || cluster.Destination.HasSession, cluster.Describe());
            for (int step = 0; step < 60; step++)
            {
                cluster.Step();
            }

            Assert.Equal(held, cluster.Destination.Durable);
            Assert.Null(cluster.Ended);
            cluster.Resume();
            await cluster.RunToTheEndAsync(TimeSpan.FromMinutes(2));
            Assert.Equal(TransferState.Completed, cluster.Ended?.State);
        }
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task HubKilled_AtEveryWriteOfTheJournal_GoesOnAndEndsTheSame(bool withTrouble, bool cutIsDurable)
    {
        TransferEvents.Ended undisturbed = Assert.IsType<TransferEvents.Ended>(await RunCutAsync(cut: null, withTrouble, cutIsDurable));
        int cuts = 0;
        for (int cut = 1; ; cut++, cuts++)
        {
            if (await RunCutAsync(cut, withTrouble, cutIsDurable) is not { } ended)
            {
                break;
            }

            Assert.Equal((undisturbed.State, undisturbed.Problem?.Reason), (ended.State, ended.Problem?.Reason));
            Assert.Equal(undisturbed.Progress.BytesPublished, ended.Progress.BytesPublished);
            Assert.Equal(undisturbed.Progress.FilesPublished, ended.Progress.FilesPublished);
        }

        Assert.InRange(cuts, 5, 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HubKilled_AtEveryWriteOfACancelledTransfer_EndsCancelled(bool cutIsDurable)
    {
        for (int step = 0; step <= 6; step++)
        {
            int cut = 1;
            for (; ; cut++)
            {
                await using var cluster = new SimulatedCluster(1);
                cluster.Journal.Reopen(cut);
                cluster.Journal.CutIsDurable = cutIsDurable;
                cluster.StartHub();
                cluster.Submit();
                int steps = 0;
                bool wasCut = false;
                await cluster.RunToTheEndAsync(Enough, async () =>
                {
                    if (steps++ == step)
                    {
                        cluster.Cancel();
                    }

                    if (cluster.Journal.IsCut)
                    {
                        wasCut = true;
                        await RestartHubAsync(cluster);

                        // Who submits or cancels and gets no answer does so again.
                        cluster.Submit();
                        if (steps > step)
                        {
                            cluster.Cancel();
                        }
                    }
                });

                cluster.AssertSound();
                Assert.Equal(TransferState.Cancelled, cluster.Ended?.State);
                if (!wasCut)
                {
                    break;
                }
            }

            Assert.True(cut > 2, "No write was cut.");
        }
    }

    // Null when the run ended before the cut.
    private static async Task<TransferEvents.Ended?> RunCutAsync(int? cut, bool withTrouble, bool cutIsDurable)
    {
        await using var cluster = new SimulatedCluster(7);
        cluster.Journal.Reopen(cut);
        cluster.Journal.CutIsDurable = cutIsDurable;
        cluster.StartHub();
        cluster.Submit();
        bool wasCut = false;
        int steps = 0;
        await cluster.RunToTheEndAsync(Enough, async () =>
        {
            if (withTrouble && ++steps == 4)
            {
                cluster.RestartNode(cluster.Destination);
            }

            if (cluster.Journal.IsCut)
            {
                wasCut = true;
                await RestartHubAsync(cluster);
                cluster.Submit();
            }
        });

        cluster.AssertSound();
        return cut is null || wasCut ? cluster.Ended : null;
    }

    private static async Task RestartHubAsync(SimulatedCluster cluster)
    {
        await cluster.KillHubAsync();
        cluster.Journal.Reopen();
        cluster.StartHub();
    }
}
