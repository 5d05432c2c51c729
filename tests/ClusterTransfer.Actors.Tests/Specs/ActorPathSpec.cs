namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class ActorPathSpec
{
    [Theory]
    [InlineData("clustertransfer://sys", "clustertransfer", "sys", null, null)]
    [InlineData("akka.tcp://My-Sys_1@host.example:2552", "akka.tcp", "My-Sys_1", "host.example", 2552)]
    [InlineData("x://s@[::1]:80", "x", "s", "[::1]", 80)]
    [InlineData("x://s@host", "x", "s", "host", null)]
    public void Address_Parse_ReadsItsParts(string text, string protocol, string system, string? host, int? port)
    {
        Address address = Address.Parse(text);
        Assert.Equal(new Address(protocol, system, host, port), address);
        Assert.Equal(text, address.ToString());
        Assert.Equal(host is null, address.HasLocalScope);
        Assert.Equal(host is not null, address.HasGlobalScope);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sys")]
    [InlineData("://sys")]
    [InlineData("a b://sys")]
    [InlineData("1a://sys")]
    [InlineData("a://")]
    [InlineData("a://-sys")]
    [InlineData("a://sys@")]
    [InlineData("a://sys@:1")]
    [InlineData("a://sys@h:99999")]
    [InlineData("a://sys@h:x")]
    [InlineData("a://sys/user")]
    public void Address_Parse_RefusesWhatIsNone(string text)
    {
        Assert.False(Address.TryParse(text, out _));
        Assert.Throws<UriFormatException>(() => Address.Parse(text));
    }

    [Fact]
    public void Address_With_ChangesOnePart()
    {
        Address address = Address.Parse("a://s@h:1");
        Assert.Equal("a://s@k:1", address.WithHost("k").ToString());
        Assert.Equal("a://s@h:2", address.WithPort(2).ToString());
        Assert.Equal("a://t@h:1", address.WithSystem("t").ToString());
        Assert.Equal("b://s@h:1", address.WithProtocol("b").ToString());
        Assert.Equal("s@h:1", address.HostPort());
    }

    [Theory]
    [InlineData("clustertransfer://sys/", "/")]
    [InlineData("clustertransfer://sys", "/")]
    [InlineData("clustertransfer://sys/user/a/b", "/user/a/b")]
    [InlineData("akka.tcp://sys@h:1/user/$a", "/user/$a")]
    public void Parse_ReadsAPath(string text, string withoutAddress)
    {
        Assert.True(ActorPath.TryParse(text, out ActorPath? path));
        Assert.Equal(withoutAddress, path.ToStringWithoutAddress());
        Assert.True(ActorPath.TryParseAddress(text, out Address? address));
        Assert.Equal(address, path.Address);
        Assert.Equal(path, ActorPath.Parse(path.ToSerializationFormat()));
    }

    [Theory]
    [InlineData("/user/a")]
    [InlineData("clustertransfer://sys/user/a b")]
    [InlineData("clustertransfer://sys/user/$")]
    [InlineData("clustertransfer://sys/user/a#x")]
    [InlineData("clustertransfer://sys/user/a#-1")]
    public void Parse_RefusesWhatIsNoAbsolutePath(string text)
    {
        Assert.False(ActorPath.TryParse(text, out _));
        Assert.Throws<UriFormatException>(() => ActorPath.Parse(text));
    }

    [Fact]
    public void Path_KnowsItsPlace()
    {
        ActorPath path = new RootActorPath(new Address("clustertransfer", "sys")) / "user" / "a" / "b";
        Assert.Equal("b", path.Name);
        Assert.Equal("a", path.Parent!.Name);
        Assert.Equal(3, path.Depth);
        Assert.Equal(["user", "a", "b"], path.Elements);
        Assert.Equal("/", path.Root.Name);
        Assert.Null(path.Root.Parent);
        Assert.Equal(path, path.Root / ["user", "a", "b"]);
        Assert.Equal("clustertransfer://sys/user/a/b", path.ToString());
        Assert.Equal("x://s@h:1/user/a/b", path.ToStringWithAddress(Address.Parse("x://s@h:1")));
    }

    [Fact]
    public void Path_OfAnActor_ComesBackFromItsSerializationFormat()
    {
        using var system = ActorSystem.Create("sys", new ActorSystemSetup());
        ActorPath path = system.ActorOf(new Script().Props, "a").Path;
        ActorPath read = ActorPath.Parse(path.ToSerializationFormat());
        Assert.Equal(path, read);
        Assert.Equal(path.Uid, read.Uid);
        Assert.NotEqual(0, read.Uid);
        Assert.Equal(0, read.WithUid(0).Uid);
        Assert.Equal(path.GetHashCode(), read.GetHashCode());
    }

    [Fact]
    public void Paths_OfTwoSystems_Differ()
    {
        ActorPath one = ActorPath.Parse("a://one/user/x");
        ActorPath two = ActorPath.Parse("a://two/user/x");
        Assert.NotEqual(one, two);
        Assert.True(one.CompareTo(two) < 0);
    }
}
