using System.Text.RegularExpressions;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Actors.Tests.Specs;

/// <summary>The test kit in its classic vocabulary, used as a base class would be.</summary>
public sealed class TestKitSpec() : ActorTest(new ActorTestOptions { Seed = 3 })
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private IActorRef Echo() => ActorOf(new Script { On = (self, message) => self.From.Tell(message, self.Me) }.Props);

    private void SendAll(params object[] messages)
    {
        foreach (object message in messages) { TestActor.Tell(message); }
    }

    [Fact]
    public void ExpectMsg_TakesByTypeValuePredicateAndAssertion()
    {
        SendAll(1, "two", 3, "four", 5);
        Assert.Equal(1, ExpectMsg<int>());
        ExpectMsg("two");
        ExpectMsg<int>(number => number == 3);
        ExpectMsg<string>(text => Assert.StartsWith("f", text, StringComparison.Ordinal));
        Assert.Throws<ActorTestException>(() => ExpectMsg("five"));
    }

    [Fact]
    public void ExpectMsg_WithNothingLeftToRun_FailsAtOnce()
    {
        ActorTestException error = Assert.Throws<ActorTestException>(ExpectMsg<string>);
        Assert.Contains("seed 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExpectMsgFrom_ChecksTheSender()
    {
        IActorRef echo = Echo();
        echo.Tell("a", TestActor);
        ExpectMsgFrom<string>(echo);
        Assert.Equal(echo, LastSender);
        echo.Tell("b", TestActor);
        Assert.Throws<ActorTestException>(() => ExpectMsgFrom<string>(TestActor));
    }

    [Fact]
    public void ExpectMsgAllOf_TakesAnyOrder_AndNothingElse()
    {
        SendAll("b", "a", "c", "a");
        Assert.Equal(["b", "a", "c"], ExpectMsgAllOf("a", "b", "c"));
        Assert.Throws<ActorTestException>(() => ExpectMsgAllOf("x"));
        SendAll("y");
        ExpectMsgAnyOf("x", "y");
    }

    [Fact]
    public void FishForMessage_SkipsOthers()
    {
        SendAll(1, 2, "fish", 3);
        Assert.Equal("fish", FishForMessage(message => message is string));
        Assert.Equal(3, FishForMessage<int>());
    }

    [Fact]
    public void ReceiveN_AndReceiveWhile_TakeInOrder()
    {
        SendAll(1, 2, 3, 4, "end");
        Assert.Equal([1, 2], ReceiveN(2));
        Assert.Equal([3, 4], ReceiveWhile<int>());
        Assert.Equal("end", ReceiveOne());
    }

    [Fact]
    public void ExpectNoMsg_AdvancesTheClock()
    {
        Sys.Scheduler.ScheduleTellOnce(Second, TestActor, "late", ActorRefs.NoSender);
        ExpectNoMsg();
        ExpectNoMsg(0.5 * Second);
        Assert.Throws<ActorTestException>(() => ExpectNoMsg(600));
        ExpectMsg("late");
    }

    [Fact]
    public void ExpectTerminated_IsForWatchedActors()
    {
        IActorRef victim = Echo();
        Watch(victim);
        Sys.Stop(victim);
        Assert.Equal(victim, ExpectTerminated(victim).ActorRef);
        IActorRef other = Echo();
        Watch(other);
        Unwatch(other);
        Sys.Stop(other);
        ExpectNoMsg();
    }

    [Fact]
    public void EventFilter_CountsLogsOfFailures()
    {
        IActorRef actor = ActorOf(new Script().Props, "failing");
        EventFilter.Exception<BoomException>(message: "ouch").ExpectOne(() => actor.Tell(new Fail("ouch")));
        EventFilter.Error(contains: "ouch", source: "/user/failing").Expect(2, () => SendTwice(actor, new Fail("ouch")));
        EventFilter.Error(pattern: new Regex("^Restart .*ou")).ExpectOne(() => actor.Tell(new Fail("ouch")));
        Assert.Throws<ActorTestException>(() => EventFilter.Error().Expect(0, () => actor.Tell(new Fail("x"))));
        Assert.Throws<ActorTestException>(() => EventFilter.Exception<InvalidOperationException>().ExpectOne(() => actor.Tell(new Fail("x"))));
    }

    [Fact]
    public void EventFilter_CountsDeadLetters()
    {
        EventFilter.DeadLetter<string>().Expect(2, () => SendTwice(Sys.DeadLetters, "x"));
        EventFilter.DeadLetter<int>(number => number > 1).ExpectOne(() =>
        {
            Sys.DeadLetters.Tell(1);
            Sys.DeadLetters.Tell(2);
        });
        EventFilter.DeadLetter().ExpectOne(Second, () => Sys.Scheduler.ScheduleTellOnce(Second, Sys.DeadLetters, "later", ActorRefs.NoSender));
    }

    [Fact]
    public void Within_MeasuresVirtualTime()
    {
        Within(Second, () => Time.Advance(0.5 * Second));
        Assert.Throws<ActorTestException>(() => Within(Second, () => Time.Advance(2 * Second)));
        Assert.Throws<ActorTestException>(() => Within(Second, 2 * Second, () => { }));
        Assert.Equal(7, Within(Second, () => 7));
    }

    [Fact]
    public void AwaitAssert_AdvancesTheClockUntilItHolds()
    {
        int count = 0;
        Sys.Scheduler.Advanced.ScheduleRepeatedly(Second, Second, () => count++);
        AwaitAssert(() => Assert.Equal(2, count));
        Assert.Equal(2 * Second, Time.Elapsed);
        AwaitCondition(() => count == 5, 4 * Second, Second);
        Assert.ThrowsAny<Exception>(() => AwaitAssert(() => Assert.Equal(99, count), Second));
        Assert.Throws<ActorTestException>(() => AwaitCondition(() => false, Second));
    }

    [Fact]
    public void CreateTestActor_ReportsToTheTest()
    {
        IActorRef other = CreateTestActor("other");
        other.Tell("hi");
        ExpectMsg("hi");
        Assert.Equal("other", other.Path.Name);
    }

    [Fact]
    public void CreateTestProbe_HasAQueueOfItsOwn()
    {
        TestProbe probe = CreateTestProbe("mine");
        Echo().Tell("hi", probe.Ref);
        probe.ExpectMsg("hi");
        probe.Forward(TestActor);
        ExpectMsg("hi");
        ExpectNoMsg();
    }

    [Fact]
    public void AutoPilot_AnswersByItself_UntilItEnds()
    {
        TestProbe probe = CreateTestProbe();
        probe.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            sender.Tell($"auto {message}");
            return message is "last" ? AutoPilot.NoAutoPilot : AutoPilot.KeepRunning;
        }));
        foreach (string text in new[] { "a", "last", "b" }) { probe.Ref.Tell(text, TestActor); }
        Assert.Equal(["auto a", "auto last"], ReceiveN(2));
        ExpectNoMsg();
        Assert.Equal(["a", "last", "b"], probe.ReceiveN(3));
    }

    [Fact]
    public void IgnoreMessages_DropsThem()
    {
        IgnoreMessages(message => message is int);
        SendAll(1, "a", 2);
        ExpectMsg("a");
        ExpectNoMsg();
        IgnoreMessages(null);
        SendAll(3);
        ExpectMsg(3);
    }

    private static void SendTwice(IActorRef actor, object message)
    {
        actor.Tell(message);
        actor.Tell(message);
    }
}
