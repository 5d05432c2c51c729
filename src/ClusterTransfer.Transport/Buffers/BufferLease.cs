namespace ClusterTransfer.Transport.Buffers;

/// <summary>The right to one buffer of a <see cref="BufferPool"/>. Whoever holds it disposes it, once, on every path.</summary>
/// <remarks>Not thread-safe; hand it over, do not share it. The content is undefined at first: write before you read.</remarks>
public sealed class BufferLease : IDisposable
{
    private readonly BufferPool _pool;
    private readonly int _sizeClass;
    private readonly int _start;
    private readonly int _capacity;
    private byte[]? _buffer;
    private int _length;

    internal BufferLease(BufferPool pool, byte[] buffer, int sizeClass, int start, int length)
    {
        _pool = pool;
        _buffer = buffer;
        _sizeClass = sizeClass;
        _start = start;
        _capacity = BufferSizes.MostOf(sizeClass);
        _length = length;
    }

    /// <summary>The <see cref="Length"/> bytes in use. Not to be touched after <see cref="Dispose"/>.</summary>
    /// <exception cref="ObjectDisposedException">The lease has been returned.</exception>
    public Memory<byte> Memory => Buffer.AsMemory(_start, _length);

    /// <summary>Bytes in use: at first what was asked for; may be set to anything from 0 to <see cref="Capacity"/>.</summary>
    public int Length
    {
        get => _length;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Capacity);
            _length = value;
        }
    }

    /// <summary>Bytes the buffer can hold: at least what was asked for.</summary>
    public int Capacity => _capacity;

    private byte[] Buffer => Volatile.Read(ref _buffer) ?? throw new ObjectDisposedException(nameof(BufferLease));

    /// <summary>Returns the buffer. A second call is a bug: asserted in debug builds, harmless in release builds.</summary>
    public void Dispose()
    {
        byte[]? buffer = Interlocked.Exchange(ref _buffer, null);
        if (buffer is null)
        {
            _pool.ReportDoubleReturn();
            return;
        }

        _pool.Return(buffer, _sizeClass);
    }
}
