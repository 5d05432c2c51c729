namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class ReceiveActorSpec
{
    public sealed class Typed : ReceiveActor
    {
        public Typed()
        {
            Receive<int>(number => Sender.Tell($"small {number}"), number => number < 10);
            Receive<int>(number => number < 100, number => Sender.Tell($"middle {number}"));
            Receive<int>(number =>
            {
                if (number == 999) { return false; }
                Sender.Tell($"large {number}");
                return true;
            });
            Type textType = typeof(string);
            Receive(textType, text => Sender.Tell($"text {text}"), text => text is not "skip");
            Receive<IReadOnlyList<int>>(list => Sender.Tell($"list {list.Count}"));
        }
    }

    public sealed class States : ReceiveActor
    {
        public States() => Become(Queued);

        private void Queued()
        {
            Receive<string>(text => text == "start", _ => Become(Active));
            ReceiveAny(_ => Sender.Tell("queued"));
        }

        private void Active()
        {
            Receive<string>(text => text == "pause", _ => BecomeStacked(() => ReceiveAny(message =>
            {
                if (message is "go on") { UnbecomeStacked(); }
                else { Sender.Tell("paused"); }
            })));
            ReceiveAny(_ => Sender.Tell("active"));
        }
    }

    public sealed class AfterAny : ReceiveActor
    {
        public AfterAny()
        {
            ReceiveAny(_ => { });
            Receive<string>(_ => { });
        }
    }

    public sealed class Late : ReceiveActor
    {
        public Late() => Receive<string>(_ =>
        {
            try
            {
                Receive<int>(_ => { });
            }
            catch (InvalidOperationException)
            {
                Sender.Tell("refused");
            }
        });
    }

    [Theory, EveryDispatcher]
    public async Task Handlers_AreTriedInOrder(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Typed()));
        foreach (object message in new object[] { 1, 50, 500, "x", new List<int> { 1, 2 } }) { kit.TestProbe.Send(actor, message); }
        Assert.Equal(["small 1", "middle 50", "large 500", "text x", "list 2"], kit.TestProbe.ReceiveN(5));
    }

    [Theory, EveryDispatcher]
    public async Task Message_NobodyHandles_IsPublishedAsUnhandled(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe(kit.TestActor, typeof(UnhandledMessage));
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Typed()));
        foreach (object message in new object[] { 999, "skip", 1.5 })
        {
            kit.TestProbe.Send(actor, message);
            var unhandled = kit.TestProbe.ExpectMsg<UnhandledMessage>();
            Assert.Equal((message, kit.TestActor, actor), (unhandled.Message, unhandled.Sender, unhandled.Recipient));
        }
    }

    [Theory, EveryDispatcher]
    public async Task Become_InTheConstructorAndLater_ReplacesTheBehaviour(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new States()));
        foreach (string message in new[] { "?", "start", "?", "pause", "?", "go on", "?" }) { kit.TestProbe.Send(actor, message); }
        Assert.Equal(["queued", "active", "paused", "active"], kit.TestProbe.ReceiveN(4));
    }

    [Fact]
    public async Task Receive_AfterReceiveAny_FailsTheCreation()
    {
        await using var kit = Kits.Of(1);
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new AfterAny()));
        kit.TestProbe.Watch(actor);
        kit.TestProbe.ExpectTerminated(actor);
        Assert.Contains(kit.Logged, entry => entry.Exception is ActorInitializationException { InnerException: InvalidOperationException });
    }

    [Fact]
    public async Task Receive_InsideAHandler_Throws()
    {
        await using var kit = Kits.Of(1);
        kit.TestProbe.Send(kit.Sys.ActorOf(Props.Create(() => new Late())), "x");
        kit.TestProbe.ExpectMsg("refused");
    }

    [Theory, EveryDispatcher]
    public async Task UntypedBecome_AndUnhandled_Work(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.Sys.EventStream.Subscribe<UnhandledMessage>(kit.TestActor);
        IActorRef actor = kit.Spawn(new Script
        {
            On = (self, _) => self.Switch(message =>
            {
                if (message is int) { self.NotHandled(message); }
                else { self.From.Tell($"second {message}"); }
            }),
        });
        kit.TestProbe.Send(actor, "switch");
        kit.TestProbe.Send(actor, "a");
        kit.TestProbe.Send(actor, 1);
        kit.TestProbe.ExpectMsg("second a");
        Assert.Equal(1, kit.TestProbe.ExpectMsg<UnhandledMessage>().Message);
    }
}
