using System.Collections.Concurrent;
using ClusterTransfer.TestKit;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>The log of one node: shown when its test fails, and a place to wait for a life event of the node.</summary>
internal sealed class NodeLogs(string node) : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(EventId Id, string Line)> _lines = new();
    private TaskCompletionSource _next = NewSignal();

    /// <summary>The test that uses the node now.</summary>
    public ITestOutputHelper? Output { get; set; } = TestContext.Current.TestOutputHelper;

    /// <summary>Completes when such an event was logged, at once when one was already.</summary>
    public Task HasAsync(int eventId, Func<string, bool>? isWanted = null)
    {
        return SeenAsync().WithinDeadline();

        async Task SeenAsync()
        {
            while (true)
            {
                Task next = _next.Task;
                if (LinesOf(eventId).Any(isWanted ?? (_ => true)))
                {
                    return;
                }

                await next;
            }
        }
    }

    /// <summary>The lines with an event of that id.</summary>
    public IReadOnlyList<string> LinesOf(int eventId) => [.. _lines.Where(line => line.Id.Id == eventId).Select(line => line.Line)];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string line = $"{node} {logLevel} {formatter(state, exception)}{(exception is null ? string.Empty : $" {exception}")}";
        _lines.Enqueue((eventId, line));
        try
        {
            Output?.WriteLine(line);
        }
        catch (InvalidOperationException)
        {
            // The test is over already; nobody reads it.
        }

        Interlocked.Exchange(ref _next, NewSignal()).TrySetResult();
    }

    public void Dispose()
    {
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
