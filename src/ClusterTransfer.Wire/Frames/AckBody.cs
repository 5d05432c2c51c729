using System.Diagnostics.CodeAnalysis;
using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>Chunks that were received or, with <see cref="FrameFlags.Durable"/>, are safe on disk.</summary>
/// <param name="Chunks">Chunk indices, 1 to <see cref="MaxChunks"/>, in any order.</param>
/// <remarks>count u16 | chunk u32 each. Pumps use <see cref="Write"/> and <see cref="AckReader"/>, which allocate nothing.</remarks>
public sealed record AckBody(IReadOnlyList<uint> Chunks) : IFrameBody<AckBody>
{
    /// <summary>Most chunks in one frame.</summary>
    public const int MaxChunks = 16_000;

    /// <inheritdoc/>
    public int EncodedLength => LengthOf(Chunks.Count);

    /// <summary>Length in bytes of an acknowledgement of so many chunks.</summary>
    public static int LengthOf(int chunks) => sizeof(ushort) + (chunks * sizeof(uint));

    /// <summary>Writes an acknowledgement without making a record; returns its length.</summary>
    /// <exception cref="ArgumentException">None or too many chunks.</exception>
    public static int Write(Span<byte> destination, ReadOnlySpan<uint> chunks)
    {
        RequireCount(chunks.Length);
        var writer = new WireWriter(destination);
        writer.U16((ushort)chunks.Length);
        foreach (uint chunk in chunks)
        {
            writer.U32(chunk);
        }

        return writer.Length;
    }

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        RequireCount(Chunks.Count);
        var writer = new WireWriter(destination);
        writer.U16((ushort)Chunks.Count);
        foreach (uint chunk in Chunks)
        {
            writer.U32(chunk);
        }

        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out AckBody? body)
    {
        body = null;
        if (!AckReader.TryRead(source, out AckReader reader))
        {
            return false;
        }

        uint[] chunks = new uint[reader.Count];
        for (int i = 0; i < chunks.Length; i++)
        {
            chunks[i] = reader[i].Value;
        }

        body = new AckBody(chunks);
        return true;
    }

    private static void RequireCount(int count)
    {
        if (count is < 1 or > MaxChunks)
        {
            throw new ArgumentException($"An acknowledgement names 1 to {MaxChunks} chunks; got {count}.");
        }
    }
}
