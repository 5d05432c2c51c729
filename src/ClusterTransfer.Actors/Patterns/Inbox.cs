namespace ClusterTransfer.Actors;

/// <summary>
/// An actor's mailbox for code that is not an actor: sends, watches and receives. Holds at most <see cref="Capacity"/> messages; what
/// comes beyond becomes a dead letter.
/// </summary>
/// <remarks><see cref="Receive()"/> and <see cref="ReceiveWhere(Predicate{object})"/> block their thread; never call them in an actor. Prefer the async forms.</remarks>
public sealed class Inbox : ICanWatch, IDisposable
{
    /// <summary>Messages that may wait to be received.</summary>
    public const int Capacity = 1000;

    /// <summary>How long a receive without a time-out of its own waits.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private readonly InboxActorRef _receiver;

    private Inbox(ActorSystem system) => _receiver = new InboxActorRef(system);

    /// <summary>The reference others send to.</summary>
    public IActorRef Receiver => _receiver;

    /// <summary>A new inbox of that system.</summary>
    public static Inbox Create(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return new Inbox(system);
    }

    /// <summary>Sends with the inbox as sender.</summary>
    public void Send(IActorRef target, object msg)
    {
        ArgumentNullException.ThrowIfNull(target);
        target.Tell(msg, _receiver);
    }

    /// <inheritdoc/>
    public IActorRef Watch(IActorRef subject) => _receiver.Watch(subject);

    /// <inheritdoc/>
    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _receiver.Watch(subject, message);
    }

    /// <inheritdoc/>
    public IActorRef Unwatch(IActorRef subject) => _receiver.Unwatch(subject);

    /// <summary>The next message; blocks up to <see cref="DefaultTimeout"/>.</summary>
    /// <exception cref="TimeoutException">No message in time.</exception>
    public object Receive() => Receive(DefaultTimeout);

    /// <summary>The next message; blocks.</summary>
    /// <exception cref="TimeoutException">No message in time.</exception>
    public object Receive(TimeSpan timeout) => Block(ReceiveAsync(timeout));

    /// <summary>The next message the predicate accepts; others stay. Blocks up to <see cref="DefaultTimeout"/>.</summary>
    /// <exception cref="TimeoutException">No message in time.</exception>
    public object ReceiveWhere(Predicate<object> predicate) => ReceiveWhere(predicate, DefaultTimeout);

    /// <summary>The next message the predicate accepts; others stay. Blocks.</summary>
    /// <exception cref="TimeoutException">No message in time.</exception>
    public object ReceiveWhere(Predicate<object> predicate, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return Block(_receiver.ReceiveAsync(predicate, timeout));
    }

    /// <summary>The next message, within <see cref="DefaultTimeout"/>.</summary>
    /// <exception cref="TimeoutException">No message in time.</exception>
    public Task<object> ReceiveAsync() => ReceiveAsync(DefaultTimeout);

    /// <summary>The next message.</summary>
    /// <exception cref="TimeoutException">No message in time.</exception>
    public Task<object> ReceiveAsync(TimeSpan timeout) => _receiver.ReceiveAsync(static _ => true, timeout);

    /// <summary>Ends the inbox: what comes now is a dead letter, and its watches end.</summary>
    public void Dispose() => _receiver.Close();

    private static object Block(Task<object> receive)
    {
        if (!receive.IsCompleted)
        {
            using var done = new ManualResetEventSlim();
            receive.ContinueWith(
                static (_, state) => ((ManualResetEventSlim)state!).Set(), done,
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            done.Wait(); // bounded: the receive has a time-out
        }
        return receive.GetAwaiter().GetResult();
    }
}
