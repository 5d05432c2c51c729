using ClusterTransfer.Actors;
using ClusterTransfer.Actors.Persistence;

namespace ClusterTransfer.Benchmarks.Kernel;

/// <summary>Counts messages and signals at a number.</summary>
internal sealed class CountingActor : ReceiveActor
{
    public CountingActor(Countdown countdown) => Receive<string>(_ => countdown.Signal());
}

/// <summary>Sends back what it gets.</summary>
internal sealed class EchoActor : ReceiveActor
{
    public EchoActor() => ReceiveAny(message => Sender.Tell(message, Self));
}

/// <summary>Does nothing.</summary>
internal sealed class IdleActor : ReceiveActor
{
    public IdleActor() => Receive<string>(_ => { });
}

/// <summary>Keeps a window of messages between itself and an echo.</summary>
internal sealed class PingActor : ReceiveActor
{
    private long _toSend;
    private long _toReceive;

    public PingActor(Countdown done)
    {
        Receive<Start>(start =>
        {
            _toSend = start.Rounds;
            _toReceive = start.Rounds;
            for (int sent = 0; sent < start.Window; sent++) { Send(start.Echo); }
        });
        Receive<string>(_ =>
        {
            if (--_toReceive == 0) { done.Signal(); }
            else { Send(Sender); }
        });
    }

    private void Send(IActorRef echo)
    {
        if (_toSend-- > 0) { echo.Tell("ping", Self); }
    }

    internal sealed record Start(IActorRef Echo, long Rounds, int Window);
}

/// <summary>Stores one event, or several at once, for each command.</summary>
internal sealed class StoringActor : ReceivePersistentActor
{
    public StoringActor(string id, Countdown done)
    {
        PersistenceId = id;
        RecoverAny(_ => { });
        Command<string>(text => Persist(text, _ => done.Signal()));
        Command<string[]>(texts => PersistAll(texts, _ => done.Signal()));
        Command<object[]>(texts => PersistAsync((string)texts[0], _ => done.Signal()));
    }

    public override string PersistenceId { get; }
}

/// <summary>Counts down over threads and opens at zero; cheap while one thread signals.</summary>
internal sealed class Countdown : IDisposable
{
    private readonly ManualResetEventSlim _open = new();
    private long _left;

    public void Reset(long count)
    {
        _open.Reset();
        Volatile.Write(ref _left, count);
    }

    /// <summary>Not atomic: one actor at a time, or actors that signal rarely through <see cref="SignalShared"/>.</summary>
    public void Signal()
    {
        if (--_left == 0) { _open.Set(); }
    }

    public void SignalShared()
    {
        if (Interlocked.Decrement(ref _left) == 0) { _open.Set(); }
    }

    public void Wait()
    {
        if (!_open.Wait(TimeSpan.FromMinutes(2))) { throw new TimeoutException("The benchmark did not come to its end."); }
    }

    public void Dispose() => _open.Dispose();
}
