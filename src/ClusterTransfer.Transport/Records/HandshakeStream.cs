using System.Buffers.Binary;
using System.Net.Sockets;

namespace ClusterTransfer.Transport.Records;

/// <summary>The socket as TLS sees it. Until <see cref="PassThrough"/>, no read goes beyond the TLS record it is in, so that what follows the last
/// record of TLS stays in the socket for whoever comes after; after <see cref="Detach"/> nothing of TLS reaches the socket.</summary>
internal sealed class HandshakeStream(Socket socket) : Stream
{
    private const int TlsHeader = 5;

    private readonly NetworkStream _inner = new(socket, ownsSocket: false);
    private readonly byte[] _header = new byte[TlsHeader];
    private int _headerRead;
    private int _left;
    private bool _passThrough;
    private volatile bool _detached;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Reads as far as it goes from now on: TLS stays.</summary>
    public void PassThrough() => _passThrough = true;

    /// <summary>TLS has had its last byte.</summary>
    public void Detach() => _detached = true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _detached ? throw new InvalidOperationException("TLS is over.")
        : _passThrough ? _inner.ReadAsync(buffer, cancellationToken)
        : ReadRecordAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _detached ? ValueTask.CompletedTask : _inner.WriteAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (!_detached)
        {
            _inner.Write(buffer, offset, count);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask<int> ReadRecordAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        bool inHeader = _left == 0;
        int most = Math.Min(buffer.Length, inHeader ? TlsHeader - _headerRead : _left);
        int read = await _inner.ReadAsync(buffer[..most], cancellationToken).ConfigureAwait(false);
        if (!inHeader)
        {
            _left -= read;
            return read;
        }

        buffer.Span[..read].CopyTo(_header.AsSpan(_headerRead));
        _headerRead += read;
        if (_headerRead == TlsHeader)
        {
            _headerRead = 0;
            _left = BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(3));
        }

        return read;
    }
}
