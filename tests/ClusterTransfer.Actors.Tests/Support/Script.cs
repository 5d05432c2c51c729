namespace ClusterTransfer.Actors.Tests;

/// <summary>What a <see cref="ScriptedActor"/> does; shared by all incarnations.</summary>
public sealed class Script
{
    private int _incarnations;

    public Action<ScriptedActor, object>? On { get; init; }

    public Action<ScriptedActor>? Constructed { get; init; }

    public Action<ScriptedActor>? PreStart { get; init; }

    public Action<ScriptedActor>? PostStop { get; init; }

    /// <summary>True: the default goes on after it.</summary>
    public Func<ScriptedActor, Exception, object?, bool>? PreRestart { get; init; }

    public Func<ScriptedActor, Exception, bool>? PostRestart { get; init; }

    public SupervisorStrategy? Strategy { get; init; }

    public int Incarnations => Volatile.Read(ref _incarnations);

    public Props Props => Props.Create(() => new ScriptedActor(this));

    public int NextIncarnation() => Interlocked.Increment(ref _incarnations);
}

/// <summary>Runs an action inside the actor.</summary>
public sealed record Do(Action<ScriptedActor> Action);

/// <summary>Makes the actor fail.</summary>
public sealed record Fail(string Reason);

public sealed class BoomException(string message) : Exception(message);

public sealed class ScriptedActor : UntypedActor, IWithUnboundedStash, IWithTimers
{
    private readonly Script _script;

    public ScriptedActor(Script script)
    {
        _script = script;
        Incarnation = script.NextIncarnation();
        script.Constructed?.Invoke(this);
    }

    public int Incarnation { get; }

    public IStash Stash { get; set; } = null!; // set by the kernel

    public ITimerScheduler Timers { get; set; } = null!; // set by the kernel

    public IUntypedActorContext Ctx => Context;

    public IActorRef Me => Self;

    public IActorRef From => Sender;

    public void Switch(UntypedReceive receive) => Become(receive);

    public void NotHandled(object message) => Unhandled(message);

    protected override SupervisorStrategy SupervisorStrategy() => _script.Strategy ?? base.SupervisorStrategy();

    protected override void PreStart() => _script.PreStart?.Invoke(this);

    protected override void PostStop() => _script.PostStop?.Invoke(this);

    protected override void PreRestart(Exception reason, object? message)
    {
        if (_script.PreRestart is null || _script.PreRestart(this, reason, message)) { base.PreRestart(reason, message); }
    }

    protected override void PostRestart(Exception reason)
    {
        if (_script.PostRestart is null || _script.PostRestart(this, reason)) { base.PostRestart(reason); }
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Do run: run.Action(this); break;
            case Fail fail: throw new BoomException(fail.Reason);
            default:
                if (_script.On is null) { Unhandled(message); }
                else { _script.On(this, message); }
                break;
        }
    }
}
