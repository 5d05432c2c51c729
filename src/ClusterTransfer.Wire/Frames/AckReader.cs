using System.Buffers.Binary;
using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Frames;

/// <summary>Reads an <see cref="AckBody"/> over the frame's bytes and copies nothing.</summary>
public readonly ref struct AckReader
{
    private readonly ReadOnlySpan<byte> _chunks;

    private AckReader(ReadOnlySpan<byte> chunks) => _chunks = chunks;

    /// <summary>How many chunks are acknowledged.</summary>
    public int Count => _chunks.Length / sizeof(uint);

    /// <summary>One of them.</summary>
    public ChunkIndex this[int index] => new(BinaryPrimitives.ReadUInt32LittleEndian(_chunks.Slice(index * sizeof(uint), sizeof(uint))));

    /// <summary>Checks a body. Never throws; the source must outlive the reader.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out AckReader reader)
    {
        reader = default;
        if (source.Length < sizeof(ushort))
        {
            return false;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(source);
        if (count is < 1 or > AckBody.MaxChunks || source.Length != AckBody.LengthOf(count))
        {
            return false;
        }

        reader = new AckReader(source[sizeof(ushort)..]);
        return true;
    }
}
