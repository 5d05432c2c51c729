using System.Globalization;

namespace ClusterTransfer.Chaos.Faults;

/// <summary>I12: how often each fault fired. A run in which none did proves nothing.</summary>
internal sealed class Coverage
{
    private readonly SortedDictionary<string, long> _fired = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>All faults that fired.</summary>
    public long Total
    {
        get
        {
            lock (_lock)
            {
                return _fired.Values.Sum();
            }
        }
    }

    /// <summary>A fault fired.</summary>
    public void Fired(string fault, long times = 1) => Add(_fired, fault, times);

    /// <summary>Something else worth a number: rounds, outcomes, faults that found nothing to hit.</summary>
    public void Count(string what, long times = 1) => Add(_counts, what, times);

    /// <summary>How often one fault fired.</summary>
    public long Of(string fault)
    {
        lock (_lock)
        {
            return _fired.GetValueOrDefault(fault);
        }
    }

    /// <summary>How much was counted of something else.</summary>
    public long CountOf(string what)
    {
        lock (_lock)
        {
            return _counts.GetValueOrDefault(what);
        }
    }

    /// <summary>The table a run prints.</summary>
    public IEnumerable<string> Lines()
    {
        lock (_lock)
        {
            return
            [
                .. _counts.Select(pair => string.Create(CultureInfo.InvariantCulture, $"  {pair.Key,-44} {pair.Value,8}")),
                string.Create(CultureInfo.InvariantCulture, $"  {"faults that fired",-44} {_fired.Values.Sum(),8}"),
                .. _fired.Select(pair => string.Create(CultureInfo.InvariantCulture, $"    {pair.Key,-42} {pair.Value,8}")),
            ];
        }
    }

    private void Add(SortedDictionary<string, long> to, string name, long times)
    {
        lock (_lock)
        {
            to[name] = to.GetValueOrDefault(name) + times;
        }
    }
}
