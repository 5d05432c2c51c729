using System.Diagnostics.CodeAnalysis;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>What the destination has of a page, or which pages it has.</summary>
/// <param name="Page">The page's number, from 0; -1 in the form that <see cref="PagesAccepted"/> makes.</param>
/// <param name="FirstChunk">Index of the chunk of the first bit.</param>
/// <param name="Count">Number of bits, at most <see cref="MaxCount"/>; a longer page is split over several frames.</param>
/// <param name="Bits">Bit i of byte i/8, lowest first: the chunk is durable or not wanted. Spare bits are 0.</param>
/// <remarks>page u32 (0xFFFFFFFF for -1) | first chunk u32 | count u32 | bits, or 32 bytes of page hash when page is -1.</remarks>
public sealed record HaveBitsBody(int Page, uint FirstChunk, int Count, byte[] Bits) : IFrameBody<HaveBitsBody>
{
    /// <summary>Most bits in one frame: a multiple of 8 that keeps the frame within 64 KiB.</summary>
    public const int MaxCount = 8 * 65_024;

    private const int NoPage = -1;
    private const int FixedLength = 4 + 4 + 4;

    /// <summary>Whether this opens a resumed session instead of answering a page.</summary>
    public bool IsPagesAccepted => Page == NoPage;

    /// <summary>How many pages, from 0, the destination has; only when <see cref="IsPagesAccepted"/>.</summary>
    public int AcceptedPages => IsPagesAccepted ? (int)FirstChunk : throw new InvalidOperationException("This answers a page.");

    /// <summary>Hash of the last of them, empty for none; only when <see cref="IsPagesAccepted"/>.</summary>
    public Digest LastPageHash => IsPagesAccepted ? new Digest(Bits) : throw new InvalidOperationException("This answers a page.");

    /// <inheritdoc/>
    public int EncodedLength => FixedLength + Bits.Length;

    /// <summary>"I have pages 0 to <paramref name="pages"/> - 1, and the last one has this hash."</summary>
    public static HaveBitsBody PagesAccepted(int pages, Digest lastPageHash)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pages);
        byte[] hash = new byte[Digest.Length];
        lastPageHash.CopyTo(hash);
        return new HaveBitsBody(NoPage, (uint)pages, 0, hash);
    }

    /// <summary>The frames that answer a page, in order; one without bits for a page without chunks.</summary>
    /// <param name="page">The page's number.</param>
    /// <param name="firstChunk">Its first chunk.</param>
    /// <param name="count">Its chunks.</param>
    /// <param name="bits">Their bits, lowest first.</param>
    public static IEnumerable<HaveBitsBody> Split(int page, uint firstChunk, int count, ReadOnlyMemory<byte> bits)
    {
        int start = 0;
        do
        {
            int part = Math.Min(count - start, MaxCount);
            yield return new HaveBitsBody(page, firstChunk + (uint)start, part, bits.Slice(start / 8, BytesFor(part)).ToArray());
            start += part;
        }
        while (start < count);
    }

    /// <summary>Whether the destination needs nothing for the chunk <paramref name="offset"/> places after <see cref="FirstChunk"/>.</summary>
    public bool IsSet(int offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Count);
        return (Bits[offset / 8] & (1 << (offset % 8))) != 0;
    }

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        if (!IsValid())
        {
            throw new ArgumentException("A value of the have-bits is out of its range.");
        }

        var writer = new WireWriter(destination);
        writer.U32((uint)Page);
        writer.U32(FirstChunk);
        writer.U32((uint)Count);
        writer.Bytes(Bits);
        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out HaveBitsBody? body)
    {
        body = null;
        var reader = new WireReader(source);
        int page = (int)reader.U32();
        uint firstChunk = reader.U32();
        int count = reader.Int31();
        if (reader.Failed || count > MaxCount)
        {
            return false;
        }

        int length = page == NoPage ? Digest.Length : BytesFor(count);
        var read = new HaveBitsBody(page, firstChunk, count, reader.Bytes(length).ToArray());
        body = reader.Complete && read.IsValid() ? read : null;
        return body is not null;
    }

    private static int BytesFor(int count) => (count + 7) / 8;

    private bool IsValid()
    {
        if (IsPagesAccepted)
        {
            return Count == 0 && FirstChunk <= int.MaxValue && Bits.Length == Digest.Length;
        }

        return Page >= 0
            && Count is >= 0 and <= MaxCount
            && Bits.Length == BytesFor(Count)
            && (ulong)FirstChunk + (ulong)Count <= uint.MaxValue
            && (Count % 8 == 0 || Bits[^1] >> (Count % 8) == 0);
    }
}
