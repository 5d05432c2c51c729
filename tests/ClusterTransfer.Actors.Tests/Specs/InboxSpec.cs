using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Specs;

public sealed class InboxSpec
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static IActorRef Echo(ActorTestKit kit) => kit.Spawn(new Script { On = (self, message) => self.From.Tell(message, self.Me) });

    [Theory, EveryDispatcher]
    public async Task Send_ThenReceive_GivesTheAnswer(int seed)
    {
        await using var kit = Kits.Of(seed);
        using Inbox inbox = Inbox.Create(kit.Sys);
        inbox.Send(Echo(kit), "hi");
        kit.Settle();
        Assert.Equal("hi", inbox.Receive(Second));
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_BeforeTheMessage_WaitsForIt(int seed)
    {
        await using var kit = Kits.Of(seed);
        using Inbox inbox = Inbox.Create(kit.Sys);
        Task<object> receive = inbox.ReceiveAsync();
        Assert.False(receive.IsCompleted);
        inbox.Receiver.Tell("late");
        Assert.Equal("late", await kit.RunAsync(receive));
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveAsync_WithoutAMessage_TimesOut(int seed)
    {
        await using var kit = Kits.Of(seed);
        using Inbox inbox = Inbox.Create(kit.Sys);
        Task<object> receive = inbox.ReceiveAsync();
        kit.Time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => kit.RunAsync(receive));
        inbox.Receiver.Tell("not lost");
        Assert.Equal("not lost", inbox.Receive(Second));
    }

    [Theory, EveryDispatcher]
    public async Task ReceiveWhere_TakesTheFirstThatFits_AndKeepsTheOthers(int seed)
    {
        await using var kit = Kits.Of(seed);
        using Inbox inbox = Inbox.Create(kit.Sys);
        foreach (object message in new object[] { 1, "two", 3, "four" }) { inbox.Receiver.Tell(message); }
        Assert.Equal("two", inbox.ReceiveWhere(message => message is string, Second));
        Assert.Equal(new object[] { 1, 3, "four" }, new[] { inbox.Receive(Second), inbox.Receive(Second), inbox.Receive(Second) });
    }

    [Theory, EveryDispatcher]
    public async Task Watch_GivesTerminated(int seed)
    {
        await using var kit = Kits.Of(seed);
        using Inbox inbox = Inbox.Create(kit.Sys);
        IActorRef first = Echo(kit);
        IActorRef second = Echo(kit);
        IActorRef third = Echo(kit);
        inbox.Watch(first);
        inbox.WatchWith(second, "second is gone");
        inbox.Watch(third);
        inbox.Unwatch(third);
        foreach (IActorRef actor in new[] { third, second, first })
        {
            kit.Sys.Stop(actor);
            kit.Settle();
        }
        Assert.Equal("second is gone", inbox.Receive(Second));
        Assert.Equal(first, Assert.IsType<Terminated>(inbox.Receive(Second)).ActorRef);
    }

    [Theory, EveryDispatcher]
    public async Task Messages_BeyondTheCapacity_AreDeadLetters(int seed)
    {
        await using var kit = Kits.Of(seed);
        using Inbox inbox = Inbox.Create(kit.Sys);
        for (int number = 0; number < Inbox.Capacity; number++) { inbox.Receiver.Tell(number); }
        kit.EventFilter.DeadLetter<string>(text => text == "too much").ExpectOne(() => inbox.Receiver.Tell("too much"));
        Assert.Equal(0, inbox.Receive(Second));
    }

    [Theory, EveryDispatcher]
    public async Task Dispose_EndsWaits_AndMakesDeadLetters(int seed)
    {
        await using var kit = Kits.Of(seed);
        Inbox inbox = Inbox.Create(kit.Sys);
        Task<object> receive = inbox.ReceiveAsync();
        inbox.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => kit.RunAsync(receive));
        kit.EventFilter.DeadLetter<string>().ExpectOne(() => inbox.Receiver.Tell("late"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => inbox.ReceiveAsync());
    }

    [Fact]
    public async Task Receive_OnTheRealClock_BlocksUntilTheAnswerComes()
    {
        using var system = ActorSystem.Create("inbox");
        using Inbox inbox = Inbox.Create(system);
        inbox.Send(system.ActorOf(new Script { On = (self, message) => self.From.Tell(message, self.Me) }.Props), "hi");
        Assert.Equal("hi", inbox.Receive(TimeSpan.FromSeconds(30)));
        await system.Terminate();
    }
}
