namespace ClusterTransfer.Fuzz.Frames;

/// <summary>Bytes that arrive in pieces of chosen lengths, each at once: no read ever waits.</summary>
internal sealed class SlicedStream(byte[] bytes, int choice) : Stream
{
    private uint _choice = (uint)choice | 1;
    private int _at;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => bytes.Length;

    public override long Position { get => _at; set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override int Read(Span<byte> buffer)
    {
        // Byte by byte, in small pieces, or as much as fits.
        _choice = unchecked((_choice * 1_664_525) + 1_013_904_223);
        int most = (choice % 4) switch { 0 => 1, 1 => 1 + (int)(_choice >> 28), 2 => 1 + (int)(_choice >> 22), _ => int.MaxValue };
        int count = Math.Min(Math.Min(buffer.Length, most), bytes.Length - _at);
        bytes.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
