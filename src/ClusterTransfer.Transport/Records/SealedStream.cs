using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace ClusterTransfer.Transport.Records;

/// <summary>Frames in sealed records: sealed from the caller's memory into one buffer, opened from another straight into the caller's memory where a record fits there.</summary>
/// <remarks>One reader and one writer at a time. Memory is fixed: one record each way, whatever the peer sends. Does not own the socket.</remarks>
internal sealed class SealedStream : LayerStream
{
    // From here on it pays to receive just the rest of a record: more of the next one would have to be moved.
    private const int LargeRecord = 32 * 1024;

    private readonly ProgressSocket _socket;
    private readonly RecordSealer _sealer;
    private readonly RecordOpener _opener;
    private readonly byte[] _out = new byte[RecordHeader.MaxLength + RecordHeader.Overhead];
    private readonly byte[] _in = new byte[RecordHeader.MaxLength + RecordHeader.Overhead + RecordHeader.Size];
    private int _inStart;
    private int _inEnd;
    private int _plainStart;            // of a record that fitted into no caller's memory: opened in place, and before _inStart
    private int _plainEnd;
    private bool _writeBroke;

    public SealedStream(ProgressSocket socket, SealContext context, bool dialled, SealLimits? limits = null)
    {
        _socket = socket;
        _sealer = new RecordSealer(context, fromDialler: dialled, limits ?? SealLimits.Default);
        _opener = new RecordOpener(context, fromDialler: !dialled, limits ?? SealLimits.Default);
    }

    /// <inheritdoc/>
    public override async ValueTask BeginAsync(bool dialled, CancellationToken cancellationToken)
    {
        if (dialled)
        {
            await SendAsync(RecordKind.Begin, default, cancellationToken).ConfigureAwait(false);
            return;
        }

        // The opener takes nothing else as the first, and it is empty.
        RecordHeader header = await NextAsync(cancellationToken).ConfigureAwait(false) ?? throw Cut();
        Open(header, default);
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_plainStart == _plainEnd && !buffer.IsEmpty)
        {
            if (_opener.Closed)
            {
                return 0;
            }

            RecordHeader header = await NextAsync(cancellationToken).ConfigureAwait(false) ?? throw Cut();
            if (header.Length <= buffer.Length)
            {
                Open(header, buffer.Span[..header.Length]);
                return header.Length;   // 0 for the end
            }

            int at = _inStart + RecordHeader.Size;
            Open(header, _in.AsSpan(at, header.Length));
            (_plainStart, _plainEnd) = (at, at + header.Length);
        }

        int read = Math.Min(buffer.Length, _plainEnd - _plainStart);
        _in.AsSpan(_plainStart, read).CopyTo(buffer.Span);
        _plainStart += read;
        return read;
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            ReadOnlyMemory<byte> part = buffer[..Math.Min(buffer.Length, PartBytes)];
            await SendAsync(RecordKind.Data, part, cancellationToken).ConfigureAwait(false);
            buffer = buffer[part.Length..];
        }
    }

    /// <inheritdoc/>
    public override ValueTask EndAsync(CancellationToken cancellationToken) => _writeBroke ? ValueTask.CompletedTask : SendAsync(RecordKind.Close, default, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _sealer.Dispose();
            _opener.Dispose();
            CryptographicOperations.ZeroMemory(_in);
        }

        base.Dispose(disposing);
    }

    private static IOException Cut() => new("It was cut off: the peer did not say that it ends.");

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(RecordKind kind, ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken)
    {
        if (_writeBroke)
        {
            throw new IOException("An earlier write broke off.");
        }

        _writeBroke = true;
        long began = _socket.Timestamp;
        int length = _sealer.Seal(kind, plaintext.Span, _out);
        CountSealing(_socket.Since(began));
        await _socket.SendAsync(_out.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        _writeBroke = false;
    }

    /// <summary>Has the next record whole, its header checked; null when the peer's half ends before it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RecordHeader?> NextAsync(CancellationToken cancellationToken)
    {
        if (!await HaveAsync(RecordHeader.Size, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        Refuse(_opener.Check(_in.AsSpan(_inStart, RecordHeader.Size), out RecordHeader header));
        return await HaveAsync(header.Length + RecordHeader.Overhead, cancellationToken).ConfigureAwait(false) ? header : throw Cut();
    }

    private void Open(RecordHeader header, Span<byte> plaintext)
    {
        int length = header.Length + RecordHeader.Overhead;
        long began = _socket.Timestamp;
        Refuse(_opener.Open(_in.AsSpan(_inStart, length), plaintext));
        CountOpening(_socket.Since(began));
        _inStart += length;
    }

    private static void Refuse(RecordError error)
    {
        if (error != RecordError.None)
        {
            throw new IOException($"A sealed record was not the next one of the peer: {error}.");
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> HaveAsync(int bytes, CancellationToken cancellationToken)
    {
        int have;
        while ((have = _inEnd - _inStart) < bytes)
        {
            if (have == 0 || _inStart + bytes > _in.Length)
            {
                _in.AsSpan(_inStart, have).CopyTo(_in);
                (_inStart, _inEnd) = (0, have);
            }

            // The rest of a large record and the header after it; else all there is.
            int most = bytes > LargeRecord ? bytes - have + RecordHeader.Size : int.MaxValue;
            int received = await _socket.ReceiveAsync(_in.AsMemory(_inEnd, Math.Min(most, _in.Length - _inEnd)), cancellationToken).ConfigureAwait(false);
            if (received == 0)
            {
                return false;
            }

            _inEnd += received;
        }

        return true;
    }
}
