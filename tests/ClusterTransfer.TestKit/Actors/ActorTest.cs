using ClusterTransfer.Actors;

namespace ClusterTransfer.TestKit;

/// <summary>Base of test classes with one actor system per test, simulated unless the options say otherwise.</summary>
public abstract class ActorTest : IAsyncDisposable
{
    /// <summary>A simulated system.</summary>
    protected ActorTest(ActorTestOptions? options = null) => Kit = new ActorTestKit(options);

    /// <summary>Everything about the system under test.</summary>
    protected ActorTestKit Kit { get; }

    /// <summary>The system.</summary>
    protected ActorSystem Sys => Kit.Sys;

    /// <summary>The clock.</summary>
    protected VirtualTime Time => Kit.Time;

    /// <summary>The default probe.</summary>
    protected TestProbe Probe => Kit.TestProbe;

    /// <summary>The default probe's reference.</summary>
    protected IActorRef TestActor => Kit.TestActor;

    /// <summary>A further probe.</summary>
    protected TestProbe CreateTestProbe(string? name = null) => Kit.CreateTestProbe(name);

    /// <summary>Makes a top-level actor.</summary>
    protected IActorRef ActorOf(Props props, string? name = null) => Sys.ActorOf(props, name);

    /// <summary>Completes when all mailboxes are empty; see <see cref="ActorTestKit.SettleAsync"/>.</summary>
    protected Task SettleAsync(bool waitForTasks = false) => Kit.SettleAsync(waitForTasks);

    /// <summary>Asks, runs the actors and returns the answer.</summary>
    protected Task<T> AskAsync<T>(IActorRef actor, object message) => Kit.RunAsync(actor.Ask<T>(message));

    /// <summary>The next message of the default probe.</summary>
    protected T ExpectMsg<T>() => Probe.ExpectMsg<T>();

    /// <summary>No message for the default probe.</summary>
    protected void ExpectNoMsg() => Probe.ExpectNoMsg();

    /// <inheritdoc cref="ActorTestKit.EventFilter"/>
    protected EventFilterFactory EventFilter => Kit.EventFilter;

    /// <inheritdoc cref="TestProbe.LastSender"/>
    protected IActorRef LastSender => Probe.LastSender;

    /// <inheritdoc cref="ActorTestKit.CreateTestActor"/>
    protected IActorRef CreateTestActor(string name) => Kit.CreateTestActor(name);

    /// <summary>Makes a top-level actor with its parameterless constructor.</summary>
    protected IActorRef ActorOf<TActor>(string? name = null)
        where TActor : ActorBase, new() => Sys.ActorOf(Props.Create<TActor>(), name);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(T, TimeSpan?)"/>
    protected T ExpectMsg<T>(T message, TimeSpan? timeout = null) => Probe.ExpectMsg(message, timeout);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(Predicate{T}, TimeSpan?)"/>
    protected T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? timeout = null) => Probe.ExpectMsg(isMessage, timeout);

    /// <inheritdoc cref="TestProbe.ExpectMsg{T}(Action{T}, TimeSpan?)"/>
    protected T ExpectMsg<T>(Action<T> assert, TimeSpan? timeout = null) => Probe.ExpectMsg(assert, timeout);

    /// <inheritdoc cref="TestProbe.ExpectMsgFrom{T}"/>
    protected T ExpectMsgFrom<T>(IActorRef sender, TimeSpan? timeout = null) => Probe.ExpectMsgFrom<T>(sender, timeout);

    /// <inheritdoc cref="TestProbe.ExpectMsgAnyOf{T}"/>
    protected T ExpectMsgAnyOf<T>(params T[] messages) => Probe.ExpectMsgAnyOf(messages);

    /// <inheritdoc cref="TestProbe.ExpectMsgAllOf{T}"/>
    protected IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) => Probe.ExpectMsgAllOf(messages);

    /// <inheritdoc cref="TestProbe.ExpectNoMsg(TimeSpan)"/>
    protected void ExpectNoMsg(TimeSpan duration) => Probe.ExpectNoMsg(duration);

    /// <summary>No message arrives while virtual time advances.</summary>
    protected void ExpectNoMsg(int milliseconds) => Probe.ExpectNoMsg(TimeSpan.FromMilliseconds(milliseconds));

    /// <inheritdoc cref="TestProbe.ExpectTerminated"/>
    protected Terminated ExpectTerminated(IActorRef target, TimeSpan? timeout = null) => Probe.ExpectTerminated(target, timeout);

    /// <inheritdoc cref="TestProbe.FishForMessage(Predicate{object}, TimeSpan?)"/>
    protected object FishForMessage(Predicate<object> isMessage, TimeSpan? max = null) => Probe.FishForMessage(isMessage, max);

    /// <inheritdoc cref="TestProbe.FishForMessage{T}"/>
    protected T FishForMessage<T>(Predicate<T>? isMessage = null, TimeSpan? max = null) => Probe.FishForMessage(isMessage, max);

    /// <inheritdoc cref="TestProbe.ReceiveOne"/>
    protected object ReceiveOne(TimeSpan? max = null) => Probe.ReceiveOne(max);

    /// <inheritdoc cref="TestProbe.ReceiveN"/>
    protected IReadOnlyCollection<object> ReceiveN(int numberOfMessages, TimeSpan? max = null) => Probe.ReceiveN(numberOfMessages, max);

    /// <inheritdoc cref="TestProbe.ReceiveWhile{T}"/>
    protected IReadOnlyList<T> ReceiveWhile<T>(Func<T, bool>? shouldContinue = null) => Probe.ReceiveWhile(shouldContinue);

    /// <inheritdoc cref="TestProbe.Watch"/>
    protected void Watch(IActorRef actor) => Probe.Watch(actor);

    /// <inheritdoc cref="TestProbe.Unwatch"/>
    protected void Unwatch(IActorRef actor) => Probe.Unwatch(actor);

    /// <inheritdoc cref="TestProbe.IgnoreMessages"/>
    protected void IgnoreMessages(Predicate<object>? shouldIgnoreMessage) => Probe.IgnoreMessages(shouldIgnoreMessage);

    /// <inheritdoc cref="TestProbe.SetAutoPilot"/>
    protected void SetAutoPilot(AutoPilot? pilot) => Probe.SetAutoPilot(pilot);

    /// <inheritdoc cref="ActorTestKit.Within(TimeSpan, Action)"/>
    protected void Within(TimeSpan max, Action action) => Kit.Within(max, action);

    /// <inheritdoc cref="ActorTestKit.Within(TimeSpan, TimeSpan, Action)"/>
    protected void Within(TimeSpan min, TimeSpan max, Action action) => Kit.Within(min, max, action);

    /// <inheritdoc cref="ActorTestKit.Within{T}(TimeSpan, Func{T})"/>
    protected T Within<T>(TimeSpan max, Func<T> function) => Kit.Within(max, function);

    /// <inheritdoc cref="ActorTestKit.AwaitAssert"/>
    protected void AwaitAssert(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null) => Kit.AwaitAssert(assertion, duration, interval);

    /// <inheritdoc cref="ActorTestKit.AwaitCondition"/>
    protected void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max = null, TimeSpan? interval = null) => Kit.AwaitCondition(conditionIsFulfilled, max, interval);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Kit.DisposeAsync();
    }
}
