namespace ClusterTransfer.Transport.Records;

/// <summary>Carries frames on the socket itself and tells <see cref="Connections.Liveness"/> of every byte that moves, so that whoever reads and writes it need not.</summary>
internal abstract class LayerStream : Stream
{
    /// <summary>Bytes that are best written at once.</summary>
    public const int PartBytes = RecordHeader.MaxLength;

    private long _sealingTicks;
    private long _openingTicks;

    /// <summary>Time that sealing took so far; written by the writer, read by anybody.</summary>
    public TimeSpan Sealing => new(Volatile.Read(ref _sealingTicks));

    /// <summary>Time that opening took so far; written by the reader, read by anybody.</summary>
    public TimeSpan Opening => new(Volatile.Read(ref _openingTicks));

    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => true;

    public sealed override long Length => throw new NotSupportedException();

    public sealed override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The first bytes on the socket itself: the dialler sends them at once, the acceptor is silent until it has them.</summary>
    /// <exception cref="IOException">Anything else came.</exception>
    public abstract ValueTask BeginAsync(bool dialled, CancellationToken cancellationToken);

    /// <summary>Says that nothing more is written. Does nothing after a write that broke off: then the peer is to see a truncation.</summary>
    public abstract ValueTask EndAsync(CancellationToken cancellationToken);

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public abstract override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>For the writer: sealing took that long.</summary>
    protected void CountSealing(TimeSpan took) => Volatile.Write(ref _sealingTicks, _sealingTicks + took.Ticks);

    /// <summary>For the reader: opening took that long.</summary>
    protected void CountOpening(TimeSpan took) => Volatile.Write(ref _openingTicks, _openingTicks + took.Ticks);

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public sealed override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public sealed override void Flush()
    {
        // Nothing is kept back.
    }

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public sealed override void SetLength(long value) => throw new NotSupportedException();
}
