namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class SystemSpec
{
    public sealed class Stateful : ReceiveActor
    {
        public Stateful()
        {
            Receive<string>(text => text == "go", _ => Become(Active));
            Receive<string>(text => text == "child", _ => Context.ActorOf(new Script().Props, "kid"));
            Receive<string>(text => text == "fail", _ => throw new BoomException("seen"));
        }

        private void Active() => Receive<string>(text => text == "lambda", _ => Become(() => ReceiveAny(_ => { })));
    }

    [Theory, EveryDispatcher]
    public async Task EventStream_DeliversByType(int seed)
    {
        await using var kit = Kits.Of(seed);
        Assert.True(kit.Sys.EventStream.Subscribe(kit.TestActor, typeof(Exception)));
        Assert.False(kit.Sys.EventStream.Subscribe(kit.TestActor, typeof(Exception)));
        kit.Sys.EventStream.Publish(new BoomException("sub"));
        kit.Sys.EventStream.Publish("not that");
        Assert.Equal("sub", kit.TestProbe.ExpectMsg<BoomException>().Message);
        kit.TestProbe.ExpectNoMsg();
        Assert.True(kit.Sys.EventStream.Unsubscribe(kit.TestActor));
        kit.Sys.EventStream.Publish(new BoomException("none"));
        kit.TestProbe.ExpectNoMsg();
    }

    [Theory, EveryDispatcher]
    public async Task EventStream_ForgetsDeadSubscribers(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef subscriber = kit.Spawn(new Script());
        kit.Sys.EventStream.Subscribe<DeadLetter>(subscriber);
        kit.Sys.Stop(subscriber);
        kit.Settle();
        subscriber.Tell("to the dead");
        Assert.False(kit.Sys.EventStream.Unsubscribe(subscriber));
    }

    [Theory, EveryDispatcher]
    public async Task DeadLetters_ArePublished(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<DeadLetter>(kit.TestActor);
        kit.Sys.DeadLetters.Tell("lost", kit.TestActor);
        var letter = kit.TestProbe.ExpectMsg<DeadLetter>();
        Assert.Equal(("lost", kit.TestActor, kit.Sys.DeadLetters), ((string)letter.Message, letter.Sender, letter.Recipient));
    }

    [Theory, EveryDispatcher]
    public async Task Terminate_StopsEverything(int seed)
    {
        var stopped = new List<string>();
        var kit = Kits.Of(seed);
        kit.Spawn(new Script
        {
            PreStart = self => self.Ctx.ActorOf(new Script { PostStop = _ => stopped.Add("child") }.Props),
            PostStop = _ => stopped.Add("parent"),
        });
        kit.Settle();
        await kit.RunAsync(kit.Sys.Terminate());
        Assert.Equal(["child", "parent"], stopped);
        Assert.Throws<InvalidOperationException>(() => kit.Sys.ActorOf(new Script().Props));
        await kit.DisposeAsync();
    }

    [Theory, EveryDispatcher]
    public async Task Inspect_ShowsTheTree(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Stateful()), "state");
        kit.Settle();
        ActorSnapshot Seen() => kit.Sys.Inspect().Children.Single(child => child.Path == "/user").Children.Single(child => child.Path == "/user/state");
        Assert.Equal(("Stateful", "Running", 0, 0, null), (Seen().Type, Seen().State, Seen().MailboxDepth, Seen().Restarts, Seen().LastFailure));
        actor.Tell("child");
        kit.Settle();
        Assert.Equal("/user/state/kid", Assert.Single(Seen().Children).Path);
        actor.Tell("fail");
        kit.Settle();
        Assert.Equal((1, "BoomException: seen"), (Seen().Restarts, Seen().LastFailure));
        Assert.Empty(Seen().Children);
        actor.Tell("go");
        kit.Settle();
        Assert.Equal("Active", Seen().State);
        actor.Tell("lambda");
        kit.Settle();
        Assert.Equal("Running", Seen().State);
    }

    [Fact]
    public async Task Inspect_CountsTheMailbox()
    {
        await using var kit = Kits.Of(1);
        IActorRef actor = kit.Spawn(new Script { On = (_, _) => { } }, "deep");
        kit.Settle();
        for (int number = 0; number < 17; number++) { actor.Tell(number); }
        int Depth() => kit.Sys.Inspect().Children.Single(child => child.Path == "/user").Children.Single(child => child.Path == "/user/deep").MailboxDepth;
        Assert.Equal(17, Depth());
        kit.Settle();
        Assert.Equal(0, Depth());
    }

    [Fact]
    public async Task Inspect_OfAVeryDeepTree_DoesNotOverflowTheStack()
    {
        await using var kit = Kits.Of(1);
        int depth = 0;
        Script Level() => new()
        {
            PreStart = self =>
            {
                if (++depth < 3000) { self.Ctx.ActorOf(Level().Props, "a"); }
            },
        };
        kit.Spawn(Level(), "a");
        kit.Settle();
        int levels = 0;
        for (ActorSnapshot? node = kit.Sys.Inspect(); node is not null; node = node.Children.FirstOrDefault(child => child.Path.StartsWith("/user", StringComparison.Ordinal) && !child.Path.Contains("testActor", StringComparison.Ordinal))) { levels++; }
        Assert.Equal(3002, levels);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("-a")]
    public void Create_WithABadName_Throws(string name) => Assert.ThrowsAny<ArgumentException>(() => ActorSystem.Create(name));

    [Fact]
    public async Task Create_WithDefaults_RunsOnThePoolInRealTime()
    {
        using var system = ActorSystem.Create("real");
        IActorRef echo = system.ActorOf(new Script { On = (self, message) => self.From.Tell(message) }.Props);
        Assert.Equal("hi", await echo.Ask<string>("hi", TimeSpan.FromSeconds(20)));
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Simulation_WithTheSameSeed_TakesTheSameTurns()
    {
        static async Task<List<object>> Run(int seed)
        {
            await using var kit = Kits.Of(seed);
            var order = new List<object>();
            IActorRef[] actors = [.. Enumerable.Range(0, 10).Select(_ => kit.Spawn(new Script { On = (_, message) => order.Add(message) }))];
            for (int number = 0; number < 100; number++) { actors[number % 10].Tell(number); }
            kit.Settle();
            return order;
        }
        List<object> first = await Run(7);
        Assert.Equal(first, await Run(7));
        Assert.NotEqual(first, await Run(8));
    }
}
