using System.Text.RegularExpressions;
using ClusterTransfer.Actors;

namespace ClusterTransfer.TestKit;

/// <summary>Expectations about what is logged, and about dead letters. Conditions that are null are not looked at.</summary>
public sealed class EventFilterFactory
{
    private readonly ActorTestKit _kit;

    internal EventFilterFactory(ActorTestKit kit) => _kit = kit;

    /// <summary>Entries with an exception of that type; the texts are compared with the entry and with the exception.</summary>
    public EventFilterApplier Exception<TException>(string? message = null, string? start = null, string? contains = null, Regex? pattern = null, string? source = null)
        where TException : Exception => Exception(typeof(TException), message, start, contains, pattern, source);

    /// <summary>Entries with an exception of that type.</summary>
    public EventFilterApplier Exception(Type exceptionType, string? message = null, string? start = null, string? contains = null, Regex? pattern = null, string? source = null) =>
        Log(entry => exceptionType.IsInstanceOfType(entry.Exception)
            && IsFrom(entry, source)
            && (Matches(entry.Message, message, start, contains, pattern) || Matches(entry.Exception.Message, message, start, contains, pattern)));

    /// <summary>Errors.</summary>
    public EventFilterApplier Error(string? message = null, string? start = null, string? contains = null, Regex? pattern = null, string? source = null) =>
        Level(LogEventLevel.Error, message, start, contains, pattern, source);

    /// <summary>Warnings.</summary>
    public EventFilterApplier Warning(string? message = null, string? start = null, string? contains = null, Regex? pattern = null, string? source = null) =>
        Level(LogEventLevel.Warning, message, start, contains, pattern, source);

    /// <summary>Life events.</summary>
    public EventFilterApplier Info(string? message = null, string? start = null, string? contains = null, Regex? pattern = null, string? source = null) =>
        Level(LogEventLevel.Info, message, start, contains, pattern, source);

    /// <summary>Details.</summary>
    public EventFilterApplier Debug(string? message = null, string? start = null, string? contains = null, Regex? pattern = null, string? source = null) =>
        Level(LogEventLevel.Debug, message, start, contains, pattern, source);

    /// <summary>Whatever the predicate accepts.</summary>
    public EventFilterApplier Custom(Predicate<LogEvent> predicate) => Log(predicate);

    /// <summary>Dead letters of any kind of message.</summary>
    public EventFilterApplier DeadLetter() => DeadLetter<object>();

    /// <summary>Dead letters of that type that satisfy the predicate, when given.</summary>
    public EventFilterApplier DeadLetter<TMessage>(Predicate<TMessage>? isMatch = null) =>
        new(_kit, null, letter => letter.Message is TMessage message && (isMatch is null || isMatch(message)));

    private EventFilterApplier Level(LogEventLevel level, string? message, string? start, string? contains, Regex? pattern, string? source) =>
        Log(entry => entry.Level == level && IsFrom(entry, source) && Matches(entry.Message, message, start, contains, pattern));

    private EventFilterApplier Log(Predicate<LogEvent> predicate) => new(_kit, predicate, null);

    private static bool IsFrom(LogEvent entry, string? source) => source is null || entry.ActorPath == source;

    private static bool Matches(string text, string? message, string? start, string? contains, Regex? pattern) =>
        (message is null || text == message)
        && (start is null || text.StartsWith(start, StringComparison.Ordinal))
        && (contains is null || text.Contains(contains, StringComparison.Ordinal))
        && (pattern is null || pattern.IsMatch(text));
}
