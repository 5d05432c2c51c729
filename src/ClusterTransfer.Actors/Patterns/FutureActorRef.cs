namespace ClusterTransfer.Actors;

/// <summary>The reference an answer goes to: takes one message, as the result of a task.</summary>
internal sealed class FutureActorRef<T>(ActorSystem system) : InternalActorRef, ISystemBound
{
    // Continuations of user code must not run on the stack of the actor that answers.
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ActorPath? _path;
    private ITimer? _timer;
    private CancellationTokenRegistration _registration;

    public override ActorPath Path => _path ??= system.NextTemporaryPath();

    public override bool IsTerminated => _result.Task.IsCompleted;

    public ActorSystem System => system;

    public Task<T> Task => _result.Task;

    public void Start(TimeSpan timeout, ICanTell target, object message, CancellationToken cancellationToken)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
            string text = $"No answer of {target} to {message?.GetType().Name} within {timeout}.";
            _timer = system.TimeProvider.CreateTimer(_ => Fail(new AskTimeoutException(text)), null, timeout, Timeout.InfiniteTimeSpan);
        }
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    var self = (FutureActorRef<T>)state!;
                    if (self._result.TrySetCanceled(token)) { self._timer?.Dispose(); }
                },
                this);
        }
    }

    public override void SendSystemMessage(SystemMessage message)
    {
        if (message is DeathWatchNotification death) { TellInternal(new Terminated(death.Actor), death.Actor); }
        else { AnswerForTheDead(this, message); }
    }

    protected override void TellInternal(object message, IActorRef? sender)
    {
        bool taken = message switch
        {
            T answer => _result.TrySetResult(answer),
            Status.Failure failure => _result.TrySetException(failure.Cause),
            _ => _result.TrySetException(new ArgumentException(
                $"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}].")),
        };
        if (taken) { Release(); }
        else if (!_result.Task.IsCanceled) { system.PublishDeadLetter(message, sender, this); }
    }

    private void Fail(Exception error)
    {
        if (_result.TrySetException(error)) { Release(); }
    }

    private void Release()
    {
        _timer?.Dispose();
        _registration.Unregister();
    }
}
