using ClusterTransfer.Actors;
using ClusterTransfer.Simulation.World;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Simulation.Nodes;

/// <summary>Writes what a process logs into the story of the run.</summary>
internal sealed class StoryLog(Story story, SimProcess process, bool verbose) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => verbose || logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel) && !process.IsDead)
        {
            story.Tell(process.Node.Value, $"logs {logLevel}: {formatter(state, exception)} {exception?.Message}");
        }
    }

    public void Tell(LogEvent entry)
    {
        // Of a journal that refused a write the kernel says something else.
        if (!process.IsDead && entry is { Level: >= LogEventLevel.Error, Exception: { } error } && entry.Message.Contains($" after {error.GetType().Name}:", StringComparison.Ordinal))
        {
            story.NoteFailure($"{process.Node} {entry.ActorPath}: {entry.Message}");
        }

        if (!process.IsDead && (verbose || entry.Level >= LogEventLevel.Warning))
        {
            story.Tell(process.Node.Value, $"kernel {entry.Level}: {entry.ActorPath} {entry.Message} {entry.Exception?.GetType().Name} {entry.Exception?.Message}");
        }
    }
}
