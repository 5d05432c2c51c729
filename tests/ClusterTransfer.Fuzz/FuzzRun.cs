using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ClusterTransfer.Fuzz;

/// <summary>Tries inputs first, first + 1, ... of a seed. Deterministic; one thread.</summary>
public sealed class FuzzRun(IFuzzTarget target, long seed)
{
    private readonly FuzzRandom _random = new();
    private readonly SortedDictionary<string, long> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _counts = [];
    private volatile FuzzCase? _current;
    private long _index = -1;

    /// <summary>Inputs tried so far.</summary>
    public long Count { get; private set; }

    /// <summary>Inputs that were valid so far.</summary>
    public long Valid { get; private set; }

    /// <summary>Index of the input that is being tried; -1 before the first.</summary>
    public long Index => Interlocked.Read(ref _index);

    /// <summary>The input that is being tried.</summary>
    public FuzzCase? Current => _current;

    /// <summary>Longest time one input took.</summary>
    public TimeSpan Slowest { get; private set; }

    /// <summary>Index of that input.</summary>
    public long SlowestIndex { get; private set; }

    /// <summary>How many inputs were made in which way.</summary>
    public IReadOnlyDictionary<string, long> Kinds
    {
        get
        {
            foreach ((string kind, long count) in _counts)
            {
                _kinds[kind] = count;
            }

            return _kinds;
        }
    }

    /// <summary>Tries inputs and calls back after each.</summary>
    /// <exception cref="FuzzException">An input broke a promise; the message has seed, index and input.</exception>
    public void Run(long first, long count, Action<FuzzCase>? after = null)
    {
        for (long index = first; index < first + count; index++)
        {
            _random.Start(seed, index);
            FuzzCase input = target.Make(index, _random);
            Interlocked.Exchange(ref _index, index);
            _current = input;
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, input.Kind, out _)++;
            long start = Stopwatch.GetTimestamp();
            try
            {
                Valid += input.Run() ? 1 : 0;
            }
            catch (Exception error)
            {
                throw new FuzzException($"{target.Name}, seed {seed}, index {index} ({input.Kind}): {error.GetType().Name}: {error.Message}\n--- input\n{input.Show()}\n---", error);
            }

            Count++;
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed > Slowest)
            {
                (Slowest, SlowestIndex) = (elapsed, index);
            }

            after?.Invoke(input);
        }
    }
}
