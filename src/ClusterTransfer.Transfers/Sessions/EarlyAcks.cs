using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Decides which chunks a destination acknowledges before they are durable, and holds the rest back while its disk flushes.</summary>
/// <remarks>An acknowledgement gives the source room to send more, so what is acknowledged and not durable is, with the window, what a kill makes us send again: together
/// less than a checkpoint's worth, however much arrives while a flush takes its time. Bounded: a chunk that comes again takes no more room, and of different ones a
/// connection has at most <see cref="MaxOfConnection"/>. Used by one actor.</remarks>
internal sealed class EarlyAcks
{
    /// <summary>Twice what the four pages that a source works on at once can hold in chunks below the window: more than any that keeps to the protocol has unanswered.</summary>
    public const int MaxOfConnection = 2 * 4 * ManifestLimits.MaxEntriesPerPage;

    private readonly Dictionary<int, (ConnectionHandle To, Dictionary<uint, HeldChunk> Chunks)> _held = [];

    // Acknowledged and not durable: what the running checkpoint covers, and what came since it began.
    private long _flushing;
    private long _open;
    private int _checkpoints;
    private bool _isFlushing;

    /// <summary>Whether nothing is held back.</summary>
    public bool IsEmpty => _held.Count == 0;

    /// <summary>How many chunks are held back.</summary>
    public int Count => _held.Values.Sum(held => held.Chunks.Count);

    /// <summary>When what is held back the longest came, as given to <see cref="Offer"/>; null when nothing is.</summary>
    public long? HeldSince => IsEmpty ? null : _held.Values.Min(held => held.Chunks.Values.Min(chunk => chunk.At));

    /// <summary>Takes a chunk that was stored, or was here already.</summary>
    /// <param name="to">Who brought it.</param>
    /// <param name="chunk">Which.</param>
    /// <param name="length">Its bytes that are not durable; 0 when it was here already.</param>
    /// <param name="limit">A checkpoint's worth.</param>
    /// <param name="at">The time now, as a timestamp of any clock. Of a chunk that comes again while it is held, the first counts.</param>
    public AckVerdict Offer(ConnectionHandle to, ChunkIndex chunk, int length, long limit, long at)
    {
        if (Fits(length, limit) && IsEmpty)
        {
            _open += length;
            return AckVerdict.Send;
        }

        if (!_held.TryGetValue(to.Number, out (ConnectionHandle To, Dictionary<uint, HeldChunk> Chunks) held))
        {
            _held[to.Number] = held = (to, []);
        }

        if (held.Chunks.Count >= MaxOfConnection && !held.Chunks.ContainsKey(chunk.Value))
        {
            return AckVerdict.TooMany;
        }

        held.Chunks.TryAdd(chunk.Value, new HeldChunk(length, _checkpoints, at));
        return AckVerdict.Held;
    }

    /// <summary>What came until now is going to be durable.</summary>
    public void BeginCheckpoint()
    {
        _isFlushing = true;
        _checkpoints++;
        _flushing = _open;
        _open = 0;
    }

    /// <summary>It is; gives out what was held back of it.</summary>
    public IReadOnlyList<(ConnectionHandle To, AckBody Body)> EndCheckpoint()
    {
        _isFlushing = false;
        _flushing = 0;
        return Take(held => held.Checkpoint < _checkpoints);
    }

    /// <summary>Gives out what fits.</summary>
    public IReadOnlyList<(ConnectionHandle To, AckBody Body)> TakeWhatFits(long limit) => Take(held =>
    {
        bool fits = Fits(held.Length, limit);
        _open += fits ? held.Length : 0;
        return fits;
    });

    /// <summary>Gives out everything.</summary>
    public IReadOnlyList<(ConnectionHandle To, AckBody Body)> TakeAll() => Take(held =>
    {
        _open += held.Length;
        return true;
    });

    /// <summary>A connection is gone: what it carried is sent again over another, and acknowledged there.</summary>
    public void Drop(int connection) => _held.Remove(connection);

    // Without a flush that runs less than half a checkpoint is open, or it would run.
    private bool Fits(int length, long limit) => !_isFlushing || _flushing + _open + length < limit;

    // In as few frames as hold it: a frame for each would not fit into a connection's queue.
    private List<(ConnectionHandle To, AckBody Body)> Take(Func<HeldChunk, bool> which)
    {
        var all = new List<(ConnectionHandle To, AckBody Body)>();
        foreach ((int number, (ConnectionHandle to, Dictionary<uint, HeldChunk> chunks)) in _held.ToArray())
        {
            uint[] taken = [.. chunks.Where(chunk => which(chunk.Value)).Select(chunk => chunk.Key)];
            all.AddRange(taken.Chunk(AckBody.MaxChunks).Select(some => (to, new AckBody(some))));
            Array.ForEach(taken, chunk => chunks.Remove(chunk));
            if (chunks.Count == 0)
            {
                _held.Remove(number);
            }
        }

        return all;
    }

    private readonly record struct HeldChunk(int Length, int Checkpoint, long At);
}

/// <summary>What becomes of an acknowledgement.</summary>
internal enum AckVerdict
{
    /// <summary>It goes out.</summary>
    Send,

    /// <summary>It is held back.</summary>
    Held,

    /// <summary>The connection has more unanswered than it may.</summary>
    TooMany,
}
