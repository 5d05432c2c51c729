using System.Diagnostics;

namespace ClusterTransfer.Fuzz;

/// <summary>Tries inputs first, first + 1, ... of a seed. Deterministic; one thread.</summary>
public sealed class FuzzRun(IFuzzTarget target, long seed)
{
    private volatile FuzzCase? _current;
    private long _index;

    /// <summary>Inputs that were valid so far.</summary>
    public long Valid { get; private set; }

    /// <summary>Index of the input that is being tried.</summary>
    public long Index => Interlocked.Read(ref _index);

    /// <summary>The input that is being tried.</summary>
    public FuzzCase? Current => _current;

    /// <summary>Longest time one input took.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>Index of that input.</summary>
    public long SlowestIndex { get; private set; }

    /// <summary>Tries inputs and calls back after each.</summary>
    /// <exception cref="FuzzException">An input broke a promise; the message has seed, index and input.</exception>
    public void Run(long first, long count, Action? after = null)
    {
        for (long index = first; index < first + count; index++)
        {
            FuzzCase input = target.Make(RandomFor(index));
            Interlocked.Exchange(ref _index, index);
            _current = input;
            long start = Stopwatch.GetTimestamp();
            try
            {
                Valid += input.Try() ? 1 : 0;
            }
            catch (Exception error)
            {
                throw new FuzzException($"{target.Name}, seed {seed}, index {index}: {error.GetType().Name}: {error.Message}\n--- input\n{input.Shown}\n---", error);
            }

            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed > Slowest)
            {
                (Slowest, SlowestIndex) = (elapsed, index);
            }

            after?.Invoke();
        }
    }

    // Seeds of neighbours must have nothing in common.
    private Random RandomFor(long index)
    {
        ulong mixed = unchecked(((ulong)seed * 0x9E3779B97F4A7C15UL) ^ ((ulong)index * 0xD1342543DE82EF95UL));
        mixed = unchecked((mixed ^ (mixed >> 32)) * 0xBF58476D1CE4E5B9UL);
        return new Random((int)(mixed >> 33));
    }
}
