using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;

namespace ClusterTransfer.Storage.Tests.NodeJournal;

/// <summary>A log in memory that fails on demand; a failing write leaves half of itself behind.</summary>
internal sealed class MemoryMedium : IJournalMedium
{
    public List<byte> Bytes { get; set; } = [];

    public Errno WriteError { get; set; }

    public Errno FlushError { get; set; }

    public int Flushes { get; private set; }

    public string Display => "memory";

    public long Length => Bytes.Count;

    public int Read(Span<byte> buffer, long offset)
    {
        int count = (int)Math.Clamp(Bytes.Count - offset, 0, buffer.Length);
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Bytes).Slice((int)Math.Min(offset, Bytes.Count), count).CopyTo(buffer);
        return count;
    }

    public Errno TryWrite(ReadOnlySpan<byte> bytes, long offset)
    {
        Assert.Equal(Bytes.Count, offset);
        Bytes.AddRange(WriteError == Errno.None ? bytes : bytes[..(bytes.Length / 2)]);
        return WriteError;
    }

    public Errno TryFlush()
    {
        Flushes++;
        return FlushError;
    }

    public void Cut(long length) => Bytes.RemoveRange((int)length, Bytes.Count - (int)length);

    public void Dispose()
    {
    }
}

/// <summary>Tells of each record before it is written.</summary>
internal sealed class WatchedMedium(IJournalMedium inner, Action<JournalRecordType> onRecord) : IJournalMedium
{
    public string Display => inner.Display;

    public long Length => inner.Length;

    public int Read(Span<byte> buffer, long offset) => inner.Read(buffer, offset);

    public Errno TryWrite(ReadOnlySpan<byte> bytes, long offset)
    {
        ReadOnlySpan<byte> left = offset == 0 ? [] : bytes; // the header is no record
        while (!left.IsEmpty)
        {
            Assert.True(JournalFrame.IsPlausible(left, left.Length, out int size));
            onRecord((JournalRecordType)left[4]);
            left = left[size..];
        }

        return inner.TryWrite(bytes, offset);
    }

    public Errno TryFlush() => inner.TryFlush();

    public void Cut(long length) => inner.Cut(length);

    public void Dispose() => inner.Dispose();
}

/// <summary>A log in a file that fails on demand.</summary>
internal sealed class FaultyMedium(IJournalMedium inner) : IJournalMedium
{
    public Errno WriteError { get; set; }

    public Errno FlushError { get; set; }

    /// <summary>Bytes it was asked to write.</summary>
    public long Written { get; private set; }

    /// <summary>Called before each write; may decide on its error.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>This one fails; 0 for none.</summary>
    public int FailAtFlush { get; set; }

    public int Flushes { get; private set; }

    public string Display => inner.Display;

    public long Length => inner.Length;

    public int Read(Span<byte> buffer, long offset) => inner.Read(buffer, offset);

    public Errno TryWrite(ReadOnlySpan<byte> bytes, long offset)
    {
        Written += bytes.Length;
        BeforeWrite?.Invoke();
        return WriteError == Errno.None ? inner.TryWrite(bytes, offset) : WriteError;
    }

    public Errno TryFlush() => ++Flushes == FailAtFlush ? Errno.InputOutput : FlushError == Errno.None ? inner.TryFlush() : FlushError;

    public void Cut(long length) => inner.Cut(length);

    public void Dispose() => inner.Dispose();
}
