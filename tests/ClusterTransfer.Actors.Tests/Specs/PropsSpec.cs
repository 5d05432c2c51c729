namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class PropsSpec
{
    public sealed class Named(string name, int number) : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell($"{name} {number}");
    }

    private sealed class WithField
    {
        public int Number = 7;
    }

    [Theory, EveryDispatcher]
    public async Task Create_FromExpression_PassesTheArguments(int seed)
    {
        await using var kit = Kits.Of(seed);
        string name = "a";
        var holder = new WithField();
        IActorRef actor = kit.Sys.ActorOf(Props.Create(() => new Named(name + "b", holder.Number)));
        kit.TestProbe.Send(actor, "?");
        kit.TestProbe.ExpectMsg("ab 7");
    }

    [Fact]
    public async Task Create_FromExpression_EvaluatesTheArgumentsOnce()
    {
        await using var kit = Kits.Of(1);
        var holder = new WithField();
        Props props = Props.Create(() => new Named("x", holder.Number));
        holder.Number = 8;
        kit.TestProbe.Send(kit.Sys.ActorOf(props), "?");
        kit.TestProbe.ExpectMsg("x 7");
    }

    [Theory, EveryDispatcher]
    public async Task Create_FromArguments_FindsTheConstructor(int seed)
    {
        await using var kit = Kits.Of(seed);
        kit.TestProbe.Send(kit.Sys.ActorOf(Props.Create<Named>("c", 3)), "?");
        kit.TestProbe.ExpectMsg("c 3");
    }

    [Fact]
    public void Create_WithWrongArguments_Throws() => Assert.Throws<ArgumentException>(() => Props.Create<Named>("c"));

    [Fact]
    public void Create_OfNoActor_Throws() => Assert.Throws<ArgumentException>(() => Props.Create(typeof(string)));

    [Fact]
    public void Create_FromAMethodCall_Throws()
    {
        Func<Named> make = () => throw new NotSupportedException();
        Assert.Throws<ArgumentException>(() => Props.Create(() => make()));
    }

    [Fact]
    public void New_OutsideOfActorOf_Throws() => Assert.Throws<ActorInitializationException>(() => new Named("a", 1));

    [Fact]
    public void WithSupervisorStrategy_LeavesTheOriginalAlone()
    {
        Props props = Props.Create(() => new Named("a", 1));
        Props other = props.WithSupervisorStrategy(SupervisorStrategy.StoppingStrategy);
        Assert.Null(props.SupervisorStrategy);
        Assert.Same(SupervisorStrategy.StoppingStrategy, other.SupervisorStrategy);
        Assert.Equal(typeof(Named), other.Type);
    }
}
