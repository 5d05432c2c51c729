using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Cuts a stream into frames. Many small frames cost one read; a large body is read straight into its lease.</summary>
/// <remarks>A length is checked before a buffer is rented for it. Not thread-safe: one pump reads.</remarks>
internal sealed class FrameReader(Stream stream, Liveness liveness, ConnectionCounters counters)
{
    // One TLS record. What it holds beyond a header is copied once; the rest of a chunk is not.
    private readonly byte[] _ahead = new byte[16 * 1024];
    private readonly bool _reportsItself = stream is LayerStream;
    private int _start;
    private int _end;

    /// <summary>Longest body that <see cref="ReadSmallAsync"/> takes.</summary>
    public const int SmallBody = 4 * 1024;

    /// <summary>Whether it holds nothing that came behind the last frame.</summary>
    public bool IsEmpty => Ahead == 0;

    private int Ahead => _end - _start;

    /// <summary>Reads the next frame into a lease of <paramref name="buffers"/>; waits for one when the pool is exhausted.</summary>
    /// <param name="buffers">Bodies that fit none of its buffers are refused.</param>
    /// <param name="maxChunkBody">Longest chunk body that is taken.</param>
    /// <param name="receiver">Hears of the bytes of a body as they come; null when nobody does.</param>
    /// <param name="cancellationToken">After it fired, nothing more can be read.</param>
    public async ValueTask<FrameRead> ReadAsync(BufferPool buffers, int maxChunkBody, IFrameReceiver? receiver, CancellationToken cancellationToken)
    {
        FrameRead head = await ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
        if (head.Kind != FrameReadKind.Frame)
        {
            return head;
        }

        int length = head.Header.WireLength;
        if (length > buffers.LargestRequest || (head.Header.Type == FrameType.Chunk && length > maxChunkBody))
        {
            return await SkipAsync(head.Header, FrameError.LengthOutOfRange, cancellationToken).ConfigureAwait(false);
        }

        BufferLease body = await RentAsync(buffers, head.Header, cancellationToken).ConfigureAwait(false);
        bool whole = false;
        try
        {
            whole = await FillAsync(head.Header, body.Memory, receiver, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!whole)
            {
                body.Dispose();
            }
        }

        if (!whole)
        {
            return new FrameRead(FrameReadKind.Truncated, head.Header, null, FrameError.None);
        }

        Took();
        return new FrameRead(FrameReadKind.Frame, head.Header, body, FrameError.None);
    }

    /// <summary>Reads the next frame without a pool, for the handshake: a stranger costs no buffer. The body lives until the next read.</summary>
    public async ValueTask<(FrameRead Read, ReadOnlyMemory<byte> Body)> ReadSmallAsync(CancellationToken cancellationToken)
    {
        FrameRead head = await ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
        int length = head.Header.WireLength;
        if (head.Kind != FrameReadKind.Frame)
        {
            return (head, default);
        }

        if (length > SmallBody)
        {
            return (new FrameRead(FrameReadKind.Corrupt, head.Header, null, FrameError.LengthOutOfRange), default);
        }

        if (!await HaveAheadAsync(length, cancellationToken).ConfigureAwait(false))
        {
            return (new FrameRead(FrameReadKind.Truncated, head.Header, null, FrameError.None), default);
        }

        ReadOnlyMemory<byte> body = _ahead.AsMemory(_start, length);
        _start += length;
        Took();
        return (head, body);
    }

    private async ValueTask<FrameRead> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        if (!await HaveAheadAsync(FrameHeader.Size, cancellationToken).ConfigureAwait(false))
        {
            return new FrameRead(Ahead == 0 ? FrameReadKind.EndOfStream : FrameReadKind.Truncated, default, null, FrameError.None);
        }

        bool good = FrameHeader.TryRead(_ahead.AsSpan(_start, FrameHeader.Size), out FrameHeader header, out FrameError error);
        if (good)
        {
            _start += FrameHeader.Size;
            return new FrameRead(FrameReadKind.Frame, header, null, FrameError.None);
        }

        if (error is not (FrameError.UnknownType or FrameError.LengthOutOfRange) || !header.CanSkip)
        {
            return new FrameRead(FrameReadKind.Corrupt, header, null, error);
        }

        _start += FrameHeader.Size;
        return await SkipAsync(header, error, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<FrameRead> SkipAsync(FrameHeader header, FrameError error, CancellationToken cancellationToken)
    {
        int left = header.WireLength;
        while (left > 0)
        {
            if (!await HaveAheadAsync(1, cancellationToken).ConfigureAwait(false))
            {
                return new FrameRead(FrameReadKind.Truncated, header, null, error);
            }

            int part = Math.Min(left, Ahead);
            _start += part;
            left -= part;
        }

        liveness.FrameReceived();
        return new FrameRead(FrameReadKind.Refused, header, null, error);
    }

    private async ValueTask<BufferLease> RentAsync(BufferPool buffers, FrameHeader header, CancellationToken cancellationToken)
    {
        ValueTask<BufferLease> renting = buffers.RentAsync(header.WireLength, PagedOf(header), cancellationToken);
        if (renting.IsCompletedSuccessfully)
        {
            return await renting.ConfigureAwait(false);
        }

        liveness.PauseReceiving();
        BufferLease lease = await renting.ConfigureAwait(false);
        liveness.ResumeReceiving();
        return lease;
    }

    // The payload of a chunk of one file begins on a page, as a disk that is written past the page cache wants it. Packs are cut into files anyway.
    private static int PagedOf(in FrameHeader header) =>
        header.Type == FrameType.Chunk && !header.Flags.HasFlag(FrameFlags.Packed) ? ChunkPrefix.LengthOf(packed: false, absentCount: 0) : 0;

    private async ValueTask<bool> FillAsync(FrameHeader header, Memory<byte> body, IFrameReceiver? receiver, CancellationToken cancellationToken)
    {
        int filled = Math.Min(Ahead, body.Length);
        _ahead.AsSpan(_start, filled).CopyTo(body.Span);
        _start += filled;
        receiver?.OnBytes(header, filled);
        while (filled < body.Length)
        {
            int read = await ReadStreamAsync(body[filled..], cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            filled += read;
            receiver?.OnBytes(header, read);
        }

        return true;
    }

    /// <summary>Reads until so many bytes are ahead; false when the stream ends before.</summary>
    private async ValueTask<bool> HaveAheadAsync(int bytes, CancellationToken cancellationToken)
    {
        while (Ahead < bytes)
        {
            if (_start > 0)
            {
                _ahead.AsSpan(_start, Ahead).CopyTo(_ahead);
                (_start, _end) = (0, Ahead);
            }

            int read = await ReadStreamAsync(_ahead.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }

    private async ValueTask<int> ReadStreamAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        int read = await stream.ReadAsync(destination, cancellationToken).ConfigureAwait(false);
        if (!_reportsItself)
        {
            liveness.BytesReceived(read);
        }

        ConnectionCounters.Add(ref counters.BytesReceived, read);
        return read;
    }

    private void Took()
    {
        liveness.FrameReceived();
        ConnectionCounters.Add(ref counters.FramesReceived);
    }
}
