using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>The bytes of a log: a file in production, something that fails on demand in tests.</summary>
internal interface IJournalMedium : IDisposable
{
    /// <summary>Absolute path, escaped for showing.</summary>
    string Display { get; }

    /// <summary>Bytes now.</summary>
    long Length { get; }

    /// <summary>Reads until the buffer is full or the log ends.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes everything.</summary>
    Errno TryWrite(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Flushes content and size; an error is final.</summary>
    Errno TryFlush();

    /// <summary>Cuts the log.</summary>
    void Cut(long length);
}

/// <summary>A log in a file. Owns the handle.</summary>
internal sealed class FileJournalMedium(FileHandle file) : IJournalMedium
{
    public string Display => file.Display;

    public long Length => file.Status().Size;

    public int Read(Span<byte> buffer, long offset) => file.Read(buffer, offset);

    public Errno TryWrite(ReadOnlySpan<byte> bytes, long offset) => file.TryWrite(bytes, offset);

    public Errno TryFlush() => file.TryFlushData();

    public void Cut(long length) => file.SetLength(length);

    public void Dispose()
    {
        if (!file.IsClosed)
        {
            file.Unlock();
            file.Dispose();
        }
    }
}
