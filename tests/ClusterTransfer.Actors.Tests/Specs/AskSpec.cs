namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class AskSpec
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static IActorRef Echo(ClusterTransfer.TestKit.ActorTestKit kit) => kit.Spawn(new Script { On = (self, message) => self.From.Tell(message) });

    private static IActorRef Silent(ClusterTransfer.TestKit.ActorTestKit kit) => kit.Spawn(new Script { On = (_, _) => { } });

    [Theory, EveryDispatcher]
    public async Task Ask_Answered_GivesTheAnswer(int seed)
    {
        await using var kit = Kits.Of(seed);
        Assert.Equal("hi", await kit.RunAsync(Echo(kit).Ask<string>("hi")));
        Assert.Equal(5, await kit.RunAsync(Echo(kit).Ask(5)));
    }

    [Theory, EveryDispatcher]
    public async Task Ask_WithoutAnswer_TimesOut(int seed)
    {
        await using var kit = Kits.Of(seed);
        Task<string> answer = Silent(kit).Ask<string>("hi", Second);
        kit.Settle();
        Assert.False(answer.IsCompleted);
        kit.Time.Advance(Second);
        await Assert.ThrowsAsync<AskTimeoutException>(() => answer);
    }

    [Theory, EveryDispatcher]
    public async Task Ask_WithoutATimeOut_UsesTheSystemsSetting(int seed)
    {
        await using var kit = Kits.Of(seed);
        Task<string> answer = Silent(kit).Ask<string>("hi");
        kit.Time.Advance(Second * 30);
        await Assert.ThrowsAsync<AskTimeoutException>(() => answer);
    }

    [Theory, EveryDispatcher]
    public async Task Ask_Cancelled_IsCancelled(int seed)
    {
        await using var kit = Kits.Of(seed);
        using var source = new CancellationTokenSource();
        Task<string> answer = Silent(kit).Ask<string>("hi", source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Theory, EveryDispatcher]
    public async Task Ask_AnsweredWithFailure_Throws(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { On = (self, _) => self.From.Tell(new Status.Failure(new BoomException("no"))) });
        await Assert.ThrowsAsync<BoomException>(() => kit.RunAsync(actor.Ask<string>("hi")));
    }

    [Theory, EveryDispatcher]
    public async Task Ask_AnsweredWithAnotherType_Throws(int seed)
    {
        await using var kit = Kits.Of(seed);
        await Assert.ThrowsAsync<ArgumentException>(() => kit.RunAsync(Echo(kit).Ask<string>(5)));
    }

    [Theory, EveryDispatcher]
    public async Task Ask_SecondAnswer_IsADeadLetter(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<DeadLetter>(kit.TestActor);
        IActorRef actor = kit.Spawn(new Script { On = (self, _) => { self.From.Tell(1); self.From.Tell(2); } });
        Assert.Equal(1, await kit.RunAsync(actor.Ask<int>("hi")));
        Assert.Equal(2, kit.TestProbe.ExpectMsg<DeadLetter>().Message);
    }

    [Theory, EveryDispatcher]
    public async Task Ask_WithFactory_GivesTheReferenceToAnswerTo(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { On = (_, message) => ((IActorRef)message).Tell("direct") });
        Assert.Equal("direct", await kit.RunAsync(actor.Ask<string>(replyTo => replyTo, Second, CancellationToken.None)));
    }

    [Theory, EveryDispatcher]
    public async Task PipeTo_Success_SendsTheResult(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script());
        await Task.FromResult("done").PipeTo(kit.TestActor, actor);
        kit.TestProbe.ExpectMsg("done");
        Assert.Equal(actor, kit.TestProbe.LastSender);
    }

    [Theory, EveryDispatcher]
    public async Task PipeTo_Later_SendsWhatTheMappingMakes(int seed)
    {
        await using var kit = Kits.Of(seed);
        var source = new TaskCompletionSource<int>();
        _ = source.Task.PipeTo(kit.TestActor, success: number => $"got {number}");
        kit.TestProbe.ExpectNoMsg();
        source.SetResult(5);
        kit.TestProbe.ExpectMsg("got 5");
    }

    [Theory, EveryDispatcher]
    public async Task PipeTo_Failure_SendsStatusFailure(int seed)
    {
        await using var kit = Kits.Of(seed);
        var source = new TaskCompletionSource<int>();
        _ = source.Task.PipeTo(kit.TestActor);
        source.SetException(new BoomException("no"));
        Assert.Equal("no", kit.TestProbe.ExpectMsg<Status.Failure>().Cause.Message);
    }

    [Theory, EveryDispatcher]
    public async Task PipeTo_FailureWithMapping_SendsWhatItMakes(int seed)
    {
        await using var kit = Kits.Of(seed);
        _ = Task.FromException(new BoomException("no")).PipeTo(kit.TestActor, failure: error => error.Message);
        kit.TestProbe.ExpectMsg("no");
        _ = Task.FromCanceled(new CancellationToken(true)).PipeTo(kit.TestActor, failure: error => error.GetType().Name);
        kit.TestProbe.ExpectMsg(nameof(TaskCanceledException));
    }

    [Theory, EveryDispatcher]
    public async Task PipeTo_OfATaskWithoutResult_SendsOnlyWithAMapping(int seed)
    {
        await using var kit = Kits.Of(seed);
        _ = Task.CompletedTask.PipeTo(kit.TestActor);
        kit.TestProbe.ExpectNoMsg();
        _ = Task.CompletedTask.PipeTo(kit.TestActor, success: () => "done");
        kit.TestProbe.ExpectMsg("done");
    }

    [Theory, EveryDispatcher]
    public async Task PipeTo_WithAMappingThatThrows_SendsTheError(int seed)
    {
        await using var kit = Kits.Of(seed);
        _ = Task.FromResult(1).PipeTo(kit.TestActor, success: _ => throw new BoomException("mapping"));
        Assert.Equal("mapping", kit.TestProbe.ExpectMsg<Status.Failure>().Cause.Message);
    }

    [Theory, EveryDispatcher]
    public async Task PipeTo_FromThePool_IsWaitedForBySettle(int seed)
    {
        await using var kit = Kits.Of(seed);
        _ = Task.Run(() => "from the pool", TestContext.Current.CancellationToken).PipeTo(kit.TestActor);
        await kit.SettleAsync(waitForTasks: true);
        Assert.True(kit.TestProbe.HasMessages);
    }
}
