namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class NamesSpec
{
    [Fact]
    public async Task ActorOf_WithName_HasThePath()
    {
        await using var kit = Kits.Of(1);
        IActorRef parent = kit.Spawn(new Script(), "a");
        IActorRef? child = null;
        kit.Run(parent, actor => child = actor.Ctx.ActorOf(new Script().Props, "b-1"));
        Assert.Equal("clustertransfer://test/user/a/b-1", child!.Path.ToString()); // set by Run
        Assert.Equal("/user/a/b-1", child.Path.ToStringWithoutAddress());
        Assert.Equal(["user", "a", "b-1"], child.Path.Elements);
        Assert.Equal(parent.Path, child.Path.Parent);
        Assert.Equal(parent.Path / "b-1", child.Path);
    }

    [Fact]
    public async Task ActorOf_WithoutName_GeneratesShortUniqueNames()
    {
        await using var kit = Kits.Of(1);
        IActorRef parent = kit.Spawn(new Script());
        string[] names = [];
        kit.Run(parent, actor => names = [.. Enumerable.Range(0, 70).Select(_ => actor.Ctx.ActorOf(new Script().Props).Path.Name)]);
        Assert.Equal(["$a", "$b", "$c"], names[..3]);
        Assert.Equal(70, names.Distinct().Count());
        Assert.Equal("$ab", names[64]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("$a")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("%")]
    [InlineData("%g0")]
    [InlineData("a#1")]
    public async Task ActorOf_WithIllegalName_Throws(string name)
    {
        await using var kit = Kits.Of(1);
        Assert.Throws<InvalidActorNameException>(() => kit.Spawn(new Script(), name));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("transfer-01J_x.y~z*'!$")]
    [InlineData("a%20b")]
    [InlineData("x:@&=+,;")]
    public async Task ActorOf_WithLegalName_Works(string name)
    {
        await using var kit = Kits.Of(1);
        Assert.Equal(name, kit.Spawn(new Script(), name).Path.Name);
    }

    [Fact]
    public async Task ActorOf_WithTakenName_Throws()
    {
        await using var kit = Kits.Of(1);
        kit.Spawn(new Script(), "twin");
        Assert.Throws<InvalidActorNameException>(() => kit.Spawn(new Script(), "twin"));
    }

    [Theory, EveryDispatcher]
    public async Task ActorOf_WithTheNameOfTheDead_WorksAndDiffersByUid(int seed)
    {
        await using var kit = Kits.Of(seed);
        IActorRef first = kit.Spawn(new Script(), "again");
        kit.TestProbe.Watch(first);
        kit.Sys.Stop(first);
        kit.TestProbe.ExpectTerminated(first);
        kit.Settle();
        IActorRef second = kit.Spawn(new Script(), "again");
        Assert.Equal(first.Path, second.Path);
        Assert.NotEqual(first.Path.Uid, second.Path.Uid);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task Child_Unknown_IsNobody()
    {
        await using var kit = Kits.Of(1);
        IActorRef parent = kit.Spawn(new Script());
        kit.Run(parent, actor =>
        {
            IActorRef child = actor.Ctx.ActorOf(new Script().Props, "known");
            Assert.Equal(child, actor.Ctx.Child("known"));
            Assert.True(actor.Ctx.Child("unknown").IsNobody());
            Assert.Equal([child], actor.Ctx.GetChildren());
            kit.TestActor.Tell("checked");
        });
        kit.TestProbe.ExpectMsg("checked");
    }
}
