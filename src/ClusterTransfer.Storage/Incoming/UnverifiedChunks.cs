namespace ClusterTransfer.Storage.Incoming;

/// <summary>Durable chunks of unpublished files that must be hashed again after an unclean stop, file by file. Guarded by its owner.</summary>
internal sealed class UnverifiedChunks
{
    private readonly Queue<(uint Entry, uint First, int Count)> _files = [];
    private readonly HashSet<uint> _entries = [];
    private int _next;

    public void Add(uint entry, uint firstChunk, int count)
    {
        _files.Enqueue((entry, firstChunk, count));
        _entries.Add(entry);
    }

    /// <summary>Whether a file must wait with its publication.</summary>
    public bool Contains(uint entry) => _entries.Contains(entry);

    /// <summary>A file got another outcome or starts anew.</summary>
    public void Forget(uint entry) => _entries.Remove(entry);

    /// <summary>Finds the next chunk for which the test holds.</summary>
    public bool TryNext(Func<uint, int, int> nextDurable, out uint chunk)
    {
        while (_files.TryPeek(out (uint Entry, uint First, int Count) file))
        {
            int at = _entries.Contains(file.Entry) ? nextDurable(file.First + (uint)_next, file.Count - _next) : -1;
            if (at >= 0)
            {
                chunk = file.First + (uint)(_next + at);
                _next += at + 1;
                return true;
            }

            _files.Dequeue();
            _entries.Remove(file.Entry);
            _next = 0;
        }

        chunk = 0;
        return false;
    }
}
