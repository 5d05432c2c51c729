using ClusterTransfer.Actors;

namespace ClusterTransfer.TestKit;

/// <summary>
/// An actor that keeps what it receives for the test to look at. Simulated, an expectation runs the actors until the message is
/// there or nothing is left to run, and fails at once; over the pool it waits for the deadline.
/// </summary>
public sealed class TestProbe
{
    private readonly ActorTestKit _kit;
    private readonly Queue<Envelope> _received = new(); // locked: the probe's actor writes, the test reads
    private Predicate<object>? _ignore;
    private AutoPilot? _pilot;

    internal TestProbe(ActorTestKit kit, string? name)
    {
        _kit = kit;
        Ref = kit.Sys.ActorOf(Props.CreateBy(new ProbeProducer(this)), name);
    }

    /// <summary>The probe's reference.</summary>
    public IActorRef Ref { get; }

    /// <summary>The probe's reference, by its classic name.</summary>
    public IActorRef TestActor => Ref;

    /// <summary>Sender of the message received last, by its classic name.</summary>
    public IActorRef Sender => LastSender;

    /// <summary>Sender of the message received last.</summary>
    public IActorRef LastSender { get; private set; } = ActorRefs.Nobody;

    /// <summary>The message received last.</summary>
    public object? LastMessage { get; private set; }

    /// <summary>Whether a message waits to be looked at.</summary>
    public bool HasMessages
    {
        get
        {
            lock (_received) { return _received.Count > 0; }
        }
    }

    /// <summary>Sends with the probe as sender.</summary>
    public void Send(IActorRef target, object message) => target.Tell(message, Ref);

    /// <summary>Answers the message received last.</summary>
    public void Reply(object message) => LastSender.Tell(message, Ref);

    /// <summary>Passes the message received last on, with its sender.</summary>
    public void Forward(IActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        actor.Tell(LastMessage ?? throw new InvalidOperationException("No message was received yet."), LastSender);
    }

    /// <summary>Sets what the probe does by itself with each message; null ends that.</summary>
    public void SetAutoPilot(AutoPilot? pilot)
    {
        lock (_received) { _pilot = pilot; }
    }

    /// <summary>Watches an actor with this probe; in force when it returns.</summary>
    public void Watch(IActorRef actor)
    {
        Ref.Tell(new WatchCommand(actor), ActorRefs.NoSender);
        _kit.Settle();
    }

    /// <summary>Ends the watch; in force when it returns.</summary>
    public void Unwatch(IActorRef actor)
    {
        Ref.Tell(new UnwatchCommand(actor), ActorRefs.NoSender);
        _kit.Settle();
    }

    /// <summary>Drops messages the predicate accepts; null ends that.</summary>
    public void IgnoreMessages(Predicate<object>? predicate)
    {
        lock (_received) { _ignore = predicate; }
    }

    /// <summary>The next message, of any type.</summary>
    public object ReceiveOne(TimeSpan? deadline = null) => TakeOrFail("a message", deadline);

    /// <summary>The next messages.</summary>
    public IReadOnlyList<object> ReceiveN(int count, TimeSpan? deadline = null)
    {
        var messages = new List<object>(count);
        while (messages.Count < count) { messages.Add(TakeOrFail($"message {messages.Count + 1} of {count}", deadline)); }
        return messages;
    }

    /// <summary>The next message, which must be of that type.</summary>
    public T ExpectMsg<T>(TimeSpan? deadline = null) => Check<T>(TakeOrFail(typeof(T).Name, deadline), null);

    /// <summary>The next message, which must equal the given one.</summary>
    public T ExpectMsg<T>(T expected, TimeSpan? deadline = null) =>
        Check<T>(TakeOrFail($"{expected}", deadline), actual => Equals(actual, expected), $"{expected}");

    /// <summary>The next message, which must be of that type and satisfy the predicate.</summary>
    public T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? deadline = null) => Check(TakeOrFail(typeof(T).Name, deadline), isMessage);

    /// <summary>The next message, which must be of that type; then runs the assertions.</summary>
    public T ExpectMsg<T>(Action<T> assert, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(assert);
        T message = ExpectMsg<T>(deadline);
        assert(message);
        return message;
    }

    /// <summary>The next message, which must be of that type; then runs the assertions on it and its sender.</summary>
    public T ExpectMsg<T>(Action<T, IActorRef> assert, TimeSpan? deadline = null)
    {
        ArgumentNullException.ThrowIfNull(assert);
        T message = ExpectMsg<T>(deadline);
        assert(message, LastSender);
        return message;
    }

    /// <summary>The next message, which must be of that type and from that sender.</summary>
    public T ExpectMsgFrom<T>(IActorRef sender, TimeSpan? deadline = null)
    {
        T message = ExpectMsg<T>(deadline);
        return LastSender.Equals(sender) ? message : throw Failed($"Expected {typeof(T).Name} from {sender}, received it from {LastSender}.");
    }

    /// <summary>The next message, which must equal one of the given.</summary>
    public T ExpectMsgAnyOf<T>(params T[] messages) =>
        Check<T>(TakeOrFail(typeof(T).Name, null), actual => messages.Contains(actual), $"one of {string.Join(", ", messages)}");

    /// <summary>The next messages, which must be the given ones in any order.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var left = messages.ToList();
        var received = new List<T>();
        while (left.Count > 0)
        {
            T message = Check<T>(TakeOrFail($"one of {string.Join(", ", left)}", null), left.Contains, $"one of {string.Join(", ", left)}");
            left.Remove(message);
            received.Add(message);
        }
        return received;
    }

    /// <summary>Takes messages of that type, as many as come while the actors run; the first of another type stays.</summary>
    public IReadOnlyList<T> ReceiveWhile<T>(Func<T, bool>? shouldContinue = null)
    {
        _kit.Settle();
        var messages = new List<T>();
        while (true)
        {
            lock (_received)
            {
                if (!_received.TryPeek(out Envelope next) || next.Message is not T typed || (shouldContinue is not null && !shouldContinue(typed))) { return messages; }
            }
            messages.Add((T)TakeOrFail(typeof(T).Name, null));
        }
    }

    /// <summary>Like the other, and waits, up to the deadline, for tasks that run outside of the actors.</summary>
    public async Task<T> ExpectMsgAsync<T>(TimeSpan? deadline = null)
    {
        long start = TimeProvider.System.GetTimestamp();
        TimeSpan limit = deadline ?? Deadline.Default;
        while (true)
        {
            Task next = _kit.Dispatcher.NextEventAsync();
            if (_kit.Dispatcher.RunUntil(() => HasMessages, TimeSpan.FromMilliseconds(20))) { return ExpectMsg<T>(); }
            TimeSpan left = limit - TimeProvider.System.GetElapsedTime(start);
            if (left <= TimeSpan.Zero) { throw Failed($"Expected {typeof(T).Name} within {limit}, received nothing."); }
            await Task.WhenAny(next, Task.Delay(left));
        }
    }

    /// <summary>Skips messages until one is of that type and satisfies the predicate.</summary>
    public T FishForMessage<T>(Predicate<T>? isMessage = null, TimeSpan? deadline = null)
    {
        while (true)
        {
            if (TakeOrFail(typeof(T).Name, deadline) is T found && (isMessage is null || isMessage(found))) { return found; }
        }
    }

    /// <summary>Skips messages until the predicate accepts one.</summary>
    public object FishForMessage(Predicate<object> isMessage, TimeSpan? deadline = null) => FishForMessage<object>(isMessage, deadline);

    /// <summary>The watched actor has stopped.</summary>
    public Terminated ExpectTerminated(IActorRef target, TimeSpan? deadline = null) =>
        ExpectMsg<Terminated>(terminated => terminated.ActorRef.Equals(target), deadline);

    /// <summary>No message waits once all actors are at rest.</summary>
    public void ExpectNoMsg()
    {
        _kit.Settle();
        lock (_received)
        {
            if (_received.TryPeek(out Envelope unexpected)) { throw Failed($"Expected no message, received {Describe(unexpected.Message)}."); }
        }
    }

    /// <summary>No message arrives while virtual time advances.</summary>
    public void ExpectNoMsg(TimeSpan duration)
    {
        ExpectNoMsg();
        _kit.Time.Advance(duration);
        ExpectNoMsg();
    }

    private object TakeOrFail(string wanted, TimeSpan? deadline)
    {
        Envelope envelope = default;
        bool taken = _kit.Dispatcher.RunUntil(
            () =>
            {
                lock (_received) { return _received.TryDequeue(out envelope); }
            },
            deadline ?? TimeSpan.FromSeconds(10));
        if (!taken) { throw Failed($"Expected {wanted}, received nothing and nothing is left to run."); }
        LastSender = envelope.Sender ?? ActorRefs.Nobody;
        LastMessage = envelope.Message;
        return envelope.Message;
    }

    private T Check<T>(object message, Predicate<T>? isMessage, string? wanted = null)
    {
        if (message is T typed && (isMessage is null || isMessage(typed))) { return typed; }
        throw Failed($"Expected {wanted ?? typeof(T).Name}, received {Describe(message)}.");
    }

    private ActorTestException Failed(string text) =>
        new(_kit.Dispatcher is SimulatedDispatcher simulated ? $"{text} (probe {Ref.Path.Name}, seed {simulated.Seed})" : $"{text} (probe {Ref.Path.Name})");

    private static string Describe(object message) => $"{message.GetType().Name} {message}";

    private void OnMessage(object message, IActorRef sender)
    {
        AutoPilot? pilot;
        lock (_received) { pilot = _pilot; }
        AutoPilot? next = pilot?.Run(sender, message);
        if (next is not null && !ReferenceEquals(next, AutoPilot.KeepRunning)) { SetAutoPilot(ReferenceEquals(next, AutoPilot.NoAutoPilot) ? null : next); }
        lock (_received)
        {
            if (_ignore?.Invoke(message) != true) { _received.Enqueue(new Envelope(message, sender)); }
        }
        _kit.Dispatcher.Signal();
    }

    private sealed record WatchCommand(IActorRef Actor);

    private sealed record UnwatchCommand(IActorRef Actor);

    private sealed class ProbeActor(TestProbe probe) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case WatchCommand watch: Context.Watch(watch.Actor); break;
                case UnwatchCommand unwatch: Context.Unwatch(unwatch.Actor); break;
                default: probe.OnMessage(message, Sender); break;
            }
        }
    }

    internal sealed class ProbeProducer(TestProbe probe) : IIndirectActorProducer
    {
        public Type ActorType => typeof(ProbeActor);

        public ActorBase Produce() => new ProbeActor(probe);
    }
}
