using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.Actors;

/// <summary>A tree of actors with its dispatcher, clock, event stream and journals.</summary>
public sealed class ActorSystem : IActorRefFactory, IDisposable
{
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<LogEvent>? _log;
    private readonly LocalActorRef _root;
    private readonly LocalActorRef _user;
    private readonly ActorPath _temporary;
    private long _uids;
    private long _temporaryNames;
    private int _pendingTasks;

    private ActorSystem(string name, ActorSystemSetup setup)
    {
        Name = name;
        Dispatcher = setup.Dispatcher ?? new ThreadPoolDispatcher();
        TimeProvider = setup.TimeProvider;
        Journal = setup.Journal;
        SnapshotStore = setup.SnapshotStore;
        Throughput = setup.Throughput;
        StashCapacity = setup.StashCapacity;
        AskTimeout = setup.AskTimeout;
        RecoveryTimeout = setup.RecoveryTimeout;
        _log = setup.Log;
        NextRandom = setup.Random ?? SharedRandom;
        Scheduler = new TimeProviderScheduler(this);
        var rootPath = new RootActorPath(new Address(ActorPath.Scheme, name));
        _temporary = rootPath.Child("temp", 0);
        DeadLetters = new DeadLetterActorRef(this, rootPath.Child("deadLetters", 0));

        LocalActorRef? user = null;
        LocalActorRef? system = null;
        Props rootProps = Props.CreateBy(new RootProducer(() => new RootGuardianActor(() => user!, () => system!))); // set below, before the root runs
        var above = new AboveRootActorRef(rootPath.Child("above", 0), () => _terminated.TrySetResult());
        _root = new ActorCell(this, rootProps, above, rootPath).Self;
        user = (LocalActorRef)_root.Cell.ActorOf(Props.Create(() => new GuardianActor()), "user");
        system = (LocalActorRef)_root.Cell.ActorOf(Props.Create(() => new GuardianActor()), "system");
        _user = user;
        _root.SendSystemMessage(new CreateMessage());
    }

    /// <summary>Name of the system; part of each path.</summary>
    public string Name { get; }

    /// <summary>Takes messages nobody receives.</summary>
    public IActorRef DeadLetters { get; }

    /// <summary>Publish and subscribe inside this system.</summary>
    public EventStream EventStream { get; } = new();

    /// <summary>A log that names the system.</summary>
    public ILoggingAdapter Log => Logging.GetLogger(this, Name);

    /// <summary>Time since the system was made.</summary>
    public TimeSpan Uptime => Scheduler.MonotonicClock;

    /// <summary>Sends messages later.</summary>
    public IScheduler Scheduler { get; }

    /// <summary>Completes when the last actor has stopped.</summary>
    public Task WhenTerminated => _terminated.Task;

    /// <summary>The clock of this system.</summary>
    public TimeProvider TimeProvider { get; }

    internal LocalActorRef Root => _root;

    /// <summary>A number from 0 to 1, for jitter; see <see cref="ActorSystemSetup.Random"/>.</summary>
    public Func<double> NextRandom { get; }

    internal IActorDispatcher Dispatcher { get; }

    internal int Throughput { get; }

    internal int StashCapacity { get; }

    internal TimeSpan AskTimeout { get; }

    internal TimeSpan RecoveryTimeout { get; }

    internal IEventJournal? Journal { get; }

    internal ISnapshotStore? SnapshotStore { get; }

    /// <summary>Tasks the kernel waits for on behalf of actors: pipes, awaits of handlers, journals. For the test kit.</summary>
    internal int PendingTasks => Volatile.Read(ref _pendingTasks);

    /// <summary>Called when <see cref="PendingTasks"/> went down. For the test kit.</summary>
    internal Action? TaskEndedCallback { get; set; }

    /// <summary>A system on the thread pool and the real clock, with journal and snapshots in memory as the classic default has.</summary>
    public static ActorSystem Create(string name)
    {
        var journal = new InMemoryJournal();
        return Create(name, new ActorSystemSetup { Journal = journal, SnapshotStore = journal });
    }

    /// <summary>A system made of the given parts.</summary>
    /// <exception cref="ArgumentException">The name is not letters, digits, <c>-</c> and <c>_</c>, or a limit is out of range.</exception>
    public static ActorSystem Create(string name, ActorSystemSetup setup)
    {
        ArgumentNullException.ThrowIfNull(setup);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!char.IsAsciiLetterOrDigit(name[0]) || name.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_')))
        {
            throw new ArgumentException($"Invalid actor system name '{name}': want letters, digits, - and _, starting with a letter or digit.", nameof(name));
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(setup.Throughput, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(setup.Throughput, 100_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(setup.StashCapacity, 1);
        return new ActorSystem(name, setup);
    }

    /// <inheritdoc/>
    public ActorSelection ActorSelection(string actorPath) => Selections.Find(this, _root, actorPath);

    /// <inheritdoc/>
    public ActorSelection ActorSelection(ActorPath actorPath)
    {
        ArgumentNullException.ThrowIfNull(actorPath);
        return Selections.Find(this, _root, actorPath.ToStringWithAddress());
    }

    /// <summary>Makes a top-level actor, below <c>/user</c>.</summary>
    public IActorRef ActorOf(Props props, string? name = null) => _user.Cell.ActorOf(props, name);

    /// <summary>Stops an actor.</summary>
    public void Stop(IActorRef actor) => ((InternalActorRef)actor).Stop();

    /// <summary>Stops all actors, user actors before system actors; completes when the last is gone.</summary>
    public Task Terminate()
    {
        _user.Stop();
        return WhenTerminated;
    }

    /// <summary>Starts <see cref="Terminate"/> and does not wait for it.</summary>
    public void Dispose() => _ = Terminate();

    /// <summary>The tree as it is now, from any thread: no message is sent and no actor waits.</summary>
    public ActorSnapshot Inspect() => TreeInspector.Inspect(_root);

    internal long NextUid() => Interlocked.Increment(ref _uids);

    internal ActorPath NextTemporaryPath() => _temporary.Child(GeneratedNames.Of(Interlocked.Increment(ref _temporaryNames) - 1), 0);

    internal void PublishDeadLetter(object message, IActorRef? sender, IActorRef recipient)
    {
        if (message is IDeadLetterSuppression)
        {
            EventStream.Publish(new SuppressedDeadLetter(message, sender ?? DeadLetters, recipient));
            return;
        }
        EventStream.Publish(message as DeadLetter ?? new DeadLetter(message, sender ?? DeadLetters, recipient));
    }

    internal void PublishUnhandled(UnhandledMessage message)
    {
        if (_log is not null) { WriteLog(LogEventLevel.Debug, message.Recipient.Path, $"Unhandled message {message.Message.GetType().Name} from {message.Sender.Path}.", null); }
        EventStream.Publish(message);
    }

    internal void WriteLog(LogEventLevel level, ActorPath path, string message, Exception? exception) =>
        WriteLog(level, path.ToStringWithoutAddress(), message, exception);

    internal void WriteLog(LogEventLevel level, string source, string message, Exception? exception) =>
        _log?.Invoke(new LogEvent(level, source, message, exception));

    internal void TaskStarted() => Interlocked.Increment(ref _pendingTasks);

    internal void TaskEnded()
    {
        Interlocked.Decrement(ref _pendingTasks);
        TaskEndedCallback?.Invoke();
    }

#pragma warning disable CA5394 // Jitter spreads load; it is no secret.
    private static double SharedRandom() => Random.Shared.NextDouble();
#pragma warning restore CA5394

    private sealed class RootProducer(Func<RootGuardianActor> make) : IIndirectActorProducer
    {
        public Type ActorType => typeof(RootGuardianActor);

        public ActorBase Produce() => make();
    }
}
