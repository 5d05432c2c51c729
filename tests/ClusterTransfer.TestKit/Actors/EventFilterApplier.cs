using ClusterTransfer.Actors;

namespace ClusterTransfer.TestKit;

/// <summary>Counts the events a filter accepts while an action runs and the actors come to rest.</summary>
public sealed class EventFilterApplier
{
    private readonly ActorTestKit _kit;
    private readonly Predicate<LogEvent>? _log;
    private readonly Predicate<DeadLetter>? _letters;

    internal EventFilterApplier(ActorTestKit kit, Predicate<LogEvent>? log, Predicate<DeadLetter>? letters)
    {
        _kit = kit;
        _log = log;
        _letters = letters;
    }

    /// <summary>Exactly one event.</summary>
    public void ExpectOne(Action action) => Expect(1, action);

    /// <summary>Exactly one event, within virtual time that long after the action.</summary>
    public void ExpectOne(TimeSpan timeout, Action action) => Expect(1, timeout, action);

    /// <summary>Exactly so many events.</summary>
    public void Expect(int expectedCount, Action action) => Expect(expectedCount, TimeSpan.Zero, action);

    /// <summary>Exactly so many events, within virtual time that long after the action.</summary>
    public void Expect(int expectedCount, TimeSpan timeout, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        int before = _kit.Logged.Count;
        TestProbe? listener = _letters is null ? null : _kit.CreateTestProbe();
        if (listener is not null) { _kit.Sys.EventStream.Subscribe<DeadLetter>(listener.Ref); }
        action();
        _kit.Settle();
        if (timeout > TimeSpan.Zero) { _kit.Time.Advance(timeout); }
        int seen = listener is null ? CountLogged(before) : CountLetters(listener);
        if (seen != expectedCount) { throw new ActorTestException($"Expected {expectedCount} matching events, saw {seen}."); }
    }

    private int CountLogged(int before) => _kit.Logged.Skip(before).Count(entry => _log!(entry)); // one of the two is set

    private int CountLetters(TestProbe listener)
    {
        _kit.Sys.EventStream.Unsubscribe(listener.Ref);
        int seen = 0;
        while (listener.HasMessages)
        {
            if (listener.ReceiveOne() is DeadLetter letter && _letters!(letter)) { seen++; }
        }
        _kit.Sys.Stop(listener.Ref);
        return seen;
    }
}
