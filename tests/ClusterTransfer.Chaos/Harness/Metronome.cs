using System.Diagnostics;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>How much later than due this process was run, in all: what a machine without a free processor adds to every measured time.</summary>
internal sealed class Metronome : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    private readonly Thread _thread;
    private long _lateTicks;
    private volatile bool _over;

    public Metronome()
    {
        // A thread of its own: what the pool keeps waiting is the harness's doing, not the machine's.
        _thread = new Thread(Run) { IsBackground = true, Name = "metronome" };
        _thread.Start();
    }

    public TimeSpan Late => TimeSpan.FromTicks(Volatile.Read(ref _lateTicks));

    public void Dispose()
    {
        _over = true;
        _thread.Join();
    }

    private void Run()
    {
        while (!_over)
        {
            long before = Stopwatch.GetTimestamp();
            Thread.Sleep(Beat);
            TimeSpan late = Stopwatch.GetElapsedTime(before) - Beat;
            if (late > Beat)
            {
                Volatile.Write(ref _lateTicks, _lateTicks + late.Ticks);
            }
        }
    }
}
