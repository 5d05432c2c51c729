using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Fuzz.NodeJournal;

/// <summary>A log in memory.</summary>
internal sealed class MemoryLog(byte[] bytes) : IJournalMedium
{
    private byte[] _bytes = bytes;

    public string Display => "memory";

    public long Length { get; private set; } = bytes.Length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, (int)Length);

    public int Read(Span<byte> buffer, long offset)
    {
        int at = (int)Math.Min(offset, Length);
        int count = Math.Min(buffer.Length, (int)Length - at);
        _bytes.AsSpan(at, count).CopyTo(buffer);
        return count;
    }

    public Errno TryWrite(ReadOnlySpan<byte> bytes, long offset)
    {
        int end = (int)offset + bytes.Length;
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(end, _bytes.Length * 2));
        }

        bytes.CopyTo(_bytes.AsSpan((int)offset));
        Length = Math.Max(Length, end);
        return Errno.None;
    }

    public Errno TryFlush() => Errno.None;

    public void Cut(long length) => Length = length;

    public void Dispose()
    {
    }
}
