using System.Diagnostics;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>How much later than due this process was run, in all: what a machine without a free processor adds to every measured time.</summary>
internal sealed class Metronome : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(50);

    private readonly Thread _thread;
    private readonly ManualResetEventSlim _over = new(false, spinCount: 0);
    private long _lateTicks;

    public Metronome()
    {
        // A thread of its own: what the pool keeps waiting is the harness's doing, not the machine's.
        _thread = new Thread(Run) { IsBackground = true, Name = "metronome" };
        _thread.Start();
    }

    public TimeSpan Late => TimeSpan.FromTicks(Volatile.Read(ref _lateTicks));

    public void Dispose()
    {
        _over.Set();
        _thread.Join();
        _over.Dispose();
    }

    private void Run()
    {
        long before = Stopwatch.GetTimestamp();
        while (!_over.Wait(Beat))
        {
            TimeSpan late = Stopwatch.GetElapsedTime(before) - Beat;
            if (late > Beat)
            {
                Volatile.Write(ref _lateTicks, _lateTicks + late.Ticks);
            }

            before = Stopwatch.GetTimestamp();
        }
    }
}
