namespace ClusterTransfer.Transfers.Sessions;

/// <summary>What the peer must hear of, each until it is heard: due, or carried by a connection. When that ends, it is due again.</summary>
/// <remarks>A list of any length: <see cref="NoticeLine"/> sends it a frame at a time. Used by one actor.</remarks>
internal sealed class Notices<T>
    where T : struct
{
    private readonly Queue<T> _due = new();

    // By connection; null for what is due.
    private readonly Dictionary<T, int?> _carriers = [];

    /// <summary>The peer must hear of it; once more if it was told before.</summary>
    public void Add(T notice)
    {
        if (!_carriers.TryGetValue(notice, out int? carrier) || carrier is not null)
        {
            _carriers[notice] = null;
            _due.Enqueue(notice);
        }
    }

    /// <summary>The peer has heard of it, or need not any more.</summary>
    public void Remove(T notice) => _carriers.Remove(notice);

    /// <summary>Takes at most so many of those that are due, for a connection.</summary>
    public IReadOnlyList<T> Take(int most, int connection)
    {
        var taken = new List<T>();
        while (taken.Count < most && _due.TryDequeue(out T notice))
        {
            // What was removed, or added once more after that, is in the queue for nothing.
            if (_carriers.TryGetValue(notice, out int? carrier) && carrier is null)
            {
                _carriers[notice] = connection;
                taken.Add(notice);
            }
        }

        return taken;
    }

    /// <summary>A connection ended: what it carried may not have arrived.</summary>
    public void Lose(int connection)
    {
        foreach (T notice in _carriers.Where(pair => pair.Value == connection).Select(pair => pair.Key).ToArray())
        {
            Add(notice);
        }
    }
}
