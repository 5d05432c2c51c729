using System.Numerics;
using System.Runtime.InteropServices;
using ClusterTransfer.Model;
using static ClusterTransfer.Wire.Hashing.Blake3Constants;

namespace ClusterTransfer.Wire.Hashing;

/// <summary>BLAKE3 of data that arrives in parts of any length. Allocates only when made; not thread-safe.</summary>
/// <remarks>Fastest when parts are large: a part is hashed in subtrees as wide as its place in the input allows.</remarks>
public sealed class Blake3Hasher
{
    private readonly Blake3Kernel _kernel;
    private readonly uint[] _stack = new uint[(MaxDepth + 1) * Words];
    private readonly byte[] _chunk = new byte[ChunkLength];
    private int _depth;
    private int _chunkLength;
    private ulong _chunks;      // complete ones, in the stack

    /// <summary>Makes a hasher of empty input.</summary>
    public Blake3Hasher()
        : this(Blake3Kernel.Best)
    {
    }

    internal Blake3Hasher(Blake3Kernel kernel) => _kernel = kernel;

    /// <summary>Adds the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            // The last chunk must stay here until Finish, because it may be the root; so a chunk is taken up only when more follows.
            if (_chunkLength == ChunkLength)
            {
                PushChunk(_chunk);
                _chunkLength = 0;
            }

            if (_chunkLength == 0 && data.Length > ChunkLength)
            {
                data = data[PushSubtree(data)..];
                continue;
            }

            int part = Math.Min(data.Length, ChunkLength - _chunkLength);
            data[..part].CopyTo(_chunk.AsSpan(_chunkLength));
            _chunkLength += part;
            data = data[part..];
        }
    }

    /// <summary>The hash of all bytes so far; more may be added afterwards.</summary>
    public Digest Finish()
    {
        Span<uint> pair = stackalloc uint[2 * Words];
        Span<uint> right = pair[Words..];
        Blake3Compression.HashChunk(_chunk.AsSpan(0, _chunkLength), _chunks, _depth == 0 ? Root : 0, right);

        // From the top of the stack down; the values below are whole subtrees to the left.
        for (int depth = _depth - 1; depth >= 0; depth--)
        {
            _stack.AsSpan(depth * Words, Words).CopyTo(pair);
            Blake3Compression.HashParent(MemoryMarshal.AsBytes(pair), depth == 0 ? Root : 0, right);
        }

        return new Digest(MemoryMarshal.AsBytes(right));
    }

    /// <summary>Starts again with empty input.</summary>
    public void Reset()
    {
        _depth = 0;
        _chunkLength = 0;
        _chunks = 0;
    }

    private void PushChunk(ReadOnlySpan<byte> chunk)
    {
        Blake3Compression.HashChunk(chunk, _chunks, 0, Top);
        Push(1);
    }

    // The largest subtree that starts here and leaves at least one byte, because the last byte's chunk must wait.
    private int PushSubtree(ReadOnlySpan<byte> data)
    {
        long length = Blake3Subtree.LeftLength(data.Length);
        ulong position = _chunks * ChunkLength;
        if (position != 0)
        {
            length = (long)Math.Min((ulong)length, position & (~position + 1));
        }

        ReadOnlySpan<byte> subtree = data[..(int)length];
        if (subtree.Length == ChunkLength)
        {
            PushChunk(subtree);
            return subtree.Length;
        }

        Span<uint> pair = stackalloc uint[2 * Words];
        Blake3Subtree.ReduceToPair(_kernel, subtree, _chunks, pair);
        Blake3Compression.HashParent(MemoryMarshal.AsBytes(pair), 0, Top);
        Push((ulong)(subtree.Length / ChunkLength));
        return subtree.Length;
    }

    private Span<uint> Top => _stack.AsSpan(_depth * Words, Words);

    // Values merge at once: more input always follows what is pushed, so none of these merges can be the root.
    private void Push(ulong chunks)
    {
        _depth++;
        _chunks += chunks;
        int complete = BitOperations.PopCount(_chunks);
        while (_depth > complete)
        {
            Span<uint> pair = _stack.AsSpan((_depth - 2) * Words, 2 * Words);
            Blake3Compression.HashParent(MemoryMarshal.AsBytes(pair), 0, pair[..Words]);
            _depth--;
        }
    }
}
