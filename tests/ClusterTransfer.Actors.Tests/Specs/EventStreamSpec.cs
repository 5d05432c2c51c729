using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class EventStreamSpec
{
    private interface IChange;

    private abstract record Animal;

    private record Dog(string Name) : Animal, IChange;

    private sealed record Puppy(string Name) : Dog(Name);

    private sealed record Stone : IChange;

    [Theory, EveryDispatcher]
    public async Task Subscriber_OfABaseType_GetsItsSubtypes(int seed)
    {
        await using var kit = Kits.Of(seed);
        Assert.True(kit.Sys.EventStream.Subscribe(kit.TestActor, typeof(Animal)));
        kit.Sys.EventStream.Publish(new Stone());
        kit.Sys.EventStream.Publish(new Dog("a"));
        kit.Sys.EventStream.Publish(new Puppy("b"));
        kit.TestProbe.ExpectMsg(new Dog("a"));
        kit.TestProbe.ExpectMsg(new Puppy("b"));
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Subscriber_OfAnInterface_GetsAllThatHaveIt(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<IChange>(kit.TestActor);
        kit.Sys.EventStream.Publish(new Stone());
        kit.Sys.EventStream.Publish("no change");
        kit.Sys.EventStream.Publish(new Puppy("b"));
        kit.TestProbe.ExpectMsg(new Stone());
        kit.TestProbe.ExpectMsg(new Puppy("b"));
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Subscriber_OfATypeAndItsBase_GetsAnEventOnce(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<Dog>(kit.TestActor);
        kit.Sys.EventStream.Subscribe<Animal>(kit.TestActor);
        kit.Sys.EventStream.Subscribe<IChange>(kit.TestActor);
        kit.Sys.EventStream.Publish(new Dog("a"));
        kit.TestProbe.ExpectMsg(new Dog("a"));
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Unsubscribe_FromOneType_LeavesTheOthers(int seed)
    {
        await using var kit = Kits.Of(seed);
        EventStream stream = kit.Sys.EventStream;
        Assert.True(stream.Subscribe<Dog>(kit.TestActor));
        Assert.False(stream.Subscribe<Dog>(kit.TestActor));
        stream.Subscribe<Stone>(kit.TestActor);
        Assert.True(stream.Unsubscribe<Dog>(kit.TestActor));
        Assert.False(stream.Unsubscribe<Dog>(kit.TestActor));
        stream.Publish(new Dog("a"));
        stream.Publish(new Stone());
        kit.TestProbe.ExpectMsg(new Stone());
        Assert.True(stream.Unsubscribe(kit.TestActor));
        Assert.False(stream.Unsubscribe(kit.TestActor));
        stream.Publish(new Stone());
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task Subscriber_ThatStopped_IsForgotten(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef gone = kit.Spawn(new Script());
        kit.Sys.EventStream.Subscribe<Stone>(gone);
        kit.Sys.Stop(gone);
        kit.Settle();
        kit.EventFilter.DeadLetter().Expect(0, () => kit.Sys.EventStream.Publish(new Stone()));
        Assert.False(kit.Sys.EventStream.Unsubscribe(gone));
    }

    [Theory, EveryDispatcher]
    public async Task DeadLetters_AreToldApartFromSuppressedOnes(int seed)
    {
        await using var kit = Kits.Of(seed);
        TestProbe all = kit.CreateTestProbe();
        TestProbe plain = kit.CreateTestProbe();
        kit.Sys.EventStream.Subscribe<AllDeadLetters>(all.Ref);
        kit.Sys.EventStream.Subscribe<DeadLetter>(plain.Ref);
        IActorRef gone = kit.Spawn(new Script());
        kit.Sys.Stop(gone);
        kit.Settle();
        gone.Tell("lost", kit.TestActor);
        gone.Tell(PoisonPill.Instance, ActorRefs.NoSender);
        Assert.Equal(new DeadLetter("lost", kit.TestActor, gone), plain.ExpectMsg<DeadLetter>());
        plain.ExpectNoMsg();
        all.ExpectMsg<DeadLetter>();
        Assert.Same(PoisonPill.Instance, all.ExpectMsg<SuppressedDeadLetter>().Message);
    }

    [Theory, EveryDispatcher]
    public async Task Unhandled_IsPublishedWithSenderAndRecipient(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<UnhandledMessage>(kit.TestActor);
        IActorRef deaf = kit.Spawn(new Script());
        kit.TestProbe.Send(deaf, "what");
        kit.TestProbe.ExpectMsg(new UnhandledMessage("what", kit.TestActor, deaf));
    }

    [Theory, EveryDispatcher]
    public async Task Logger_WritesWithThePathOfTheActor(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Spawn(new Script { On = (self, message) => self.Ctx.GetLogger().Warning("got {0} and {1}", message, "{") }, "writer");
        kit.EventFilter.Warning("got 7 and {", source: "/user/writer").ExpectOne(() => actor.Tell(7));
        IActorRef failing = kit.Spawn(new Script { On = (self, message) => self.Ctx.GetLogger().Error(new BoomException("why"), "a { alone") });
        kit.EventFilter.Exception<BoomException>("why").ExpectOne(() => failing.Tell(1));
        kit.EventFilter.Error(start: "a {").ExpectOne(() => failing.Tell(1));
        kit.EventFilter.Info().Expect(0, () => failing.Tell(1));
        kit.EventFilter.Info("hello", source: "test").ExpectOne(() => kit.Sys.Log.Info("hello"));
        kit.EventFilter.Debug("a 1", source: "/user/writer").ExpectOne(() => Logging.GetLogger(kit.Sys, actor).Debug("a {0}", 1));
    }
}
