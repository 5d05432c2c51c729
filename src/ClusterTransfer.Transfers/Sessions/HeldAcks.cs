using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Acknowledgements that a destination holds back while its disk flushes: which chunks, by the connection that brought them.</summary>
/// <remarks>Bounded: a chunk that comes again takes no more room, and of different ones a connection has at most <see cref="MaxOfConnection"/>. Used by one actor.</remarks>
internal sealed class HeldAcks
{
    /// <summary>Twice what the four pages that a source works on at once can hold in chunks below the window: more than any that keeps to the protocol has unanswered.</summary>
    public const int MaxOfConnection = 2 * 4 * ManifestLimits.MaxEntriesPerPage;

    private readonly Dictionary<int, (ConnectionHandle To, HashSet<uint> Chunks)> _held = [];

    /// <summary>Whether nothing is held back.</summary>
    public bool IsEmpty => _held.Count == 0;

    /// <summary>Holds an acknowledgement back; false when the connection has as many as it may.</summary>
    public bool TryAdd(ConnectionHandle to, ChunkIndex chunk)
    {
        if (!_held.TryGetValue(to.Number, out (ConnectionHandle To, HashSet<uint> Chunks) held))
        {
            _held[to.Number] = held = (to, []);
        }

        if (held.Chunks.Count >= MaxOfConnection)
        {
            return held.Chunks.Contains(chunk.Value);
        }

        held.Chunks.Add(chunk.Value);
        return true;
    }

    /// <summary>A connection is gone: what it carried is sent again over another, and acknowledged there.</summary>
    public void Drop(int connection) => _held.Remove(connection);

    /// <summary>Gives out all that was held back, in as few frames as hold it: a frame for each would not fit into a connection's queue.</summary>
    public IReadOnlyList<(ConnectionHandle To, AckBody Body)> TakeAll()
    {
        var all = new List<(ConnectionHandle To, AckBody Body)>();
        foreach ((ConnectionHandle to, HashSet<uint> chunks) in _held.Values)
        {
            all.AddRange(chunks.Chunk(AckBody.MaxChunks).Select(some => (to, new AckBody(some))));
        }

        _held.Clear();
        return all;
    }
}
