namespace ClusterTransfer.Actors;

/// <summary>One message that is sent later, once or repeatedly.</summary>
internal sealed class ScheduledTell : IDisposable
{
    private readonly ActorSystem _system;
    private readonly ICanTell _receiver;
    private readonly object _message;
    private readonly IActorRef? _sender;
    private readonly ICancelable? _cancelable;
    private readonly bool _repeats;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _registration;
    private volatile bool _ended;

    public ScheduledTell(ActorSystem system, TimeSpan delay, TimeSpan? interval, ICanTell receiver, object message, IActorRef? sender, ICancelable? cancelable)
    {
        _system = system;
        _receiver = receiver;
        _message = message;
        _sender = sender;
        _cancelable = cancelable;
        _repeats = interval is not null;
        // Armed only after the field is set: a delay of zero could fire before.
        _timer = system.TimeProvider.CreateTimer(static state => ((ScheduledTell)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (cancelable is ScheduledCancelable own) { own.Attach(this); }
        else if (cancelable is not null) { _registration = cancelable.Token.Register(static state => ((ScheduledTell)state!).Dispose(), this); }
        if (!_ended) { _timer.Change(delay, interval ?? Timeout.InfiniteTimeSpan); }
    }

    public ActorSystem System => _system;

    public void Dispose()
    {
        _ended = true;
        _timer.Dispose();
        _registration.Dispose();
    }

    private void Fire()
    {
        if (_ended || _cancelable?.IsCancellationRequested == true) { return; }
        bool nobodyListens = _system.WhenTerminated.IsCompleted || _receiver is InternalActorRef { IsTerminated: true };
        if (!_repeats || nobodyListens) { Dispose(); }
        if (!nobodyListens || !_repeats) { _receiver.Tell(_message, _sender); }
    }
}
