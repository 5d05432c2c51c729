namespace ClusterTransfer.Transport.Connections;

/// <summary>Counts what is held, in total and for each key, and refuses beyond a bound. Never holds more keys than the total allows.</summary>
internal sealed class SlotCounter<TKey>(int maxTotal, int maxPerKey)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, int> _held = [];   // guarded by _lock, as the total
    private int _total;

    /// <summary>How many are held now.</summary>
    public int Total
    {
        get
        {
            lock (_lock)
            {
                return _total;
            }
        }
    }

    public bool TryEnter(TKey key)
    {
        lock (_lock)
        {
            int held = _held.GetValueOrDefault(key);
            if (_total >= maxTotal || held >= maxPerKey)
            {
                return false;
            }

            _held[key] = held + 1;
            _total++;
            return true;
        }
    }

    public void Leave(TKey key)
    {
        lock (_lock)
        {
            int held = _held[key] - 1;
            _total--;
            if (held == 0)
            {
                _held.Remove(key);
            }
            else
            {
                _held[key] = held;
            }
        }
    }
}
