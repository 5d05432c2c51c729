using ClusterTransfer.Model;
using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>A chunk that is written and not durable yet.</summary>
/// <param name="Value">Its digest.</param>
/// <param name="Length">Payload bytes.</param>
/// <param name="Members">For a pack: the staged small files it brought.</param>
/// <param name="Absent">For a pack: members the source left out.</param>
internal sealed record WrittenChunk(Digest Value, int Length, List<VerifiedFile>? Members, uint[] Absent);

/// <summary>Chunks between their write and their checkpoint. Guarded by its owner's gate.</summary>
internal sealed class ChunkLedger
{
    private Dictionary<uint, WrittenChunk> _written = [];
    private Dictionary<uint, WrittenChunk> _flushing = [];

    /// <summary>Chunks being written now; a second copy waits for the first.</summary>
    public HashSet<uint> InProgress { get; } = [];

    /// <summary>Payload bytes written since the last checkpoint began.</summary>
    public long Bytes { get; private set; }

    /// <summary>Payload bytes of all chunks that are not durable yet.</summary>
    public long BytesOpen => _written.Values.Sum(chunk => (long)chunk.Length) + _flushing.Values.Sum(chunk => (long)chunk.Length);

    public bool TryGet(uint chunk, out WrittenChunk? written) => _written.TryGetValue(chunk, out written) || _flushing.TryGetValue(chunk, out written);

    public void Add(uint chunk, WrittenChunk written)
    {
        _written.Add(chunk, written);
        Bytes += written.Length;
    }

    /// <summary>Takes all written chunks into a checkpoint.</summary>
    public Dictionary<uint, WrittenChunk> BeginCheckpoint()
    {
        (_flushing, _written) = (_written, []);
        Bytes = 0;
        return _flushing;
    }

    /// <summary>The checkpoint's chunks are durable or lost.</summary>
    public void EndCheckpoint() => _flushing = [];

    /// <summary>The journal refused the checkpoint: its chunks are as before it.</summary>
    public void ReturnCheckpoint()
    {
        foreach ((uint chunk, WrittenChunk written) in _flushing)
        {
            _written.Add(chunk, written);
            Bytes += written.Length;
        }

        _flushing = [];
    }

    /// <summary>A file got an outcome before the pack that brought it is durable.</summary>
    public void DropMember(uint chunk, uint entry)
    {
        if (TryGet(chunk, out WrittenChunk? written))
        {
            written!.Members?.RemoveAll(member => member.Entry == entry); // set when found
        }
    }

    /// <summary>Forgets written chunks of a range.</summary>
    /// <returns>Which there were.</returns>
    public List<uint> Drop(uint first, uint count)
    {
        List<uint> dropped = [.. _written.Keys.Where(chunk => chunk - first < count)];
        foreach (uint chunk in dropped)
        {
            Bytes -= _written[chunk].Length;
            _written.Remove(chunk);
        }

        return dropped;
    }

    /// <summary>Forgets the written packs that no checkpoint has taken.</summary>
    /// <returns>They, with the small files they brought.</returns>
    public List<KeyValuePair<uint, WrittenChunk>> DropPacks()
    {
        List<KeyValuePair<uint, WrittenChunk>> dropped = [.. _written.Where(pair => pair.Value.Members is not null)];
        foreach ((uint chunk, WrittenChunk one) in dropped)
        {
            Bytes -= one.Length;
            _written.Remove(chunk);
        }

        return dropped;
    }
}
