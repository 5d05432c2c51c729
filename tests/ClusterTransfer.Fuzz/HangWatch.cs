using System.Diagnostics;

namespace ClusterTransfer.Fuzz;

/// <summary>Ends the process when one input takes too long, and says which.</summary>
/// <remarks>A second counts when the process worked for a second: on a machine full of other work, waiting for a processor is no hang.
/// Waiting without working is one too, after half a minute.</remarks>
public sealed class HangWatch : IDisposable
{
    /// <summary>Exit code of a hang.</summary>
    public const int ExitCode = 3;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan WorkLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(30);

    private readonly Func<(long Index, FuzzCase? Input)> _current;
    private readonly string _what;
    private readonly Timer _timer;
    private long _seen = -1;
    private long _since;
    private TimeSpan _workedBefore;

    /// <summary>Watches until it is disposed.</summary>
    /// <param name="what">Target and seed, for the report.</param>
    /// <param name="current">The index and input that is being tried.</param>
    public HangWatch(string what, Func<(long Index, FuzzCase? Input)> current)
    {
        (_what, _current) = (what, current);
        _timer = new Timer(_ => Look(), null, Period, Period);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        (long index, FuzzCase? input) = _current();
        TimeSpan worked = Environment.CpuUsage.TotalTime;
        if (index != _seen)
        {
            (_seen, _since, _workedBefore) = (index, Stopwatch.GetTimestamp(), worked);
            return;
        }

        TimeSpan waited = Stopwatch.GetElapsedTime(_since);
        if (index >= 0 && waited > WorkLimit && (worked - _workedBefore > WorkLimit || waited > WaitLimit))
        {
            Console.Error.WriteLine($"HANG: {_what}, index {index} ({input?.Kind}) takes more than {WorkLimit.TotalSeconds:0} s.\n--- input\n{input?.Show()}\n---");
            Environment.Exit(ExitCode);
        }
    }
}
