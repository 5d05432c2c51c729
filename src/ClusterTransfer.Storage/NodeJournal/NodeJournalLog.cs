using System.Security.Cryptography;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>The open log of one transfer: appends batches and flushes them. One caller at a time.</summary>
internal sealed class NodeJournalLog : IDisposable
{
    private readonly IJournalMedium _medium;
    private readonly byte[] _salt;
    private long _length;
    private volatile string? _broken;

    /// <summary>Goes on with a log whose end is known. Owns the medium.</summary>
    public NodeJournalLog(IJournalMedium medium, byte[] salt, long length) => (_medium, _salt, _length) = (medium, salt, length);

    /// <summary>Whether a flush failed, so that the process must stop.</summary>
    public bool IsBroken => _broken is not null;

    /// <summary>Bytes of whole records and header.</summary>
    public long Length => _length;

    /// <summary>Begins an empty log and flushes it; its folder is the caller's to flush.</summary>
    /// <exception cref="NativeException">The file system failed.</exception>
    public static NodeJournalLog Create(IJournalMedium medium, TransferId id)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(JournalHeader.SaltSize);
        medium.Cut(0);
        Errno errno = medium.TryWrite(JournalHeader.ToBytes(id, salt), 0);
        if (errno != Errno.None)
        {
            throw new NativeException(errno, "write", medium.Display);
        }

        var log = new NodeJournalLog(medium, salt, JournalHeader.Size);
        log.Flush();
        return log;
    }

    /// <summary>Copies every whole record of a damaged log into an empty one and flushes it.</summary>
    public static NodeJournalLog CopySound(IJournalMedium damaged, IJournalMedium copy, TransferId id)
    {
        NodeJournalLog log = Create(copy, id);
        JournalScanner.Scan(damaged, id, record => log.Append(new JournalBatch().Add(record.Type, record.Payload), flush: false));
        log.Flush();
        return log;
    }

    /// <summary>Removes an unfinished append and flushes that.</summary>
    public void CutTail()
    {
        _medium.Cut(_length);
        Flush();
    }

    /// <summary>Appends all records of the batch by one write.</summary>
    /// <param name="batch">What to append; empty is allowed.</param>
    /// <param name="flush">Whether it must be on disk before the call returns; earlier unflushed appends then are too.</param>
    /// <returns>Where each record's payload starts.</returns>
    /// <exception cref="NativeException">Nothing was appended: no space, or the disk failed.</exception>
    /// <exception cref="JournalFlushException">The process must stop.</exception>
    public long[] Append(JournalBatch batch, bool flush)
    {
        ThrowIfBroken();
        byte[] bytes = new byte[batch.Size];
        long[] offsets = new long[batch.Count];
        int at = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            (JournalRecordType type, ReadOnlyMemory<byte> payload) = batch[i];
            JournalFrame.Write(bytes.AsSpan(at), _salt, _length + at, type, payload.Span);
            offsets[i] = _length + at + 5;
            at += JournalFrame.SizeOf(payload.Length);
        }

        Errno errno = _medium.TryWrite(bytes, _length);
        if (errno != Errno.None)
        {
            // What arrived of it must not stay behind the good end: a later, shorter append would leave it there as damage.
            Break(() => _medium.Cut(_length));
            throw new NativeException(errno, "append to", _medium.Display);
        }

        _length += bytes.Length;
        if (flush)
        {
            Flush();
        }

        return offsets;
    }

    /// <summary>Flushes what was appended.</summary>
    /// <exception cref="JournalFlushException">The process must stop.</exception>
    public void Flush()
    {
        ThrowIfBroken();
        Errno errno = _medium.TryFlush();
#if TEETH
        errno = errno != Errno.None && Tooth.Bites("flush-retried-after-failure") ? _medium.TryFlush() : errno;
#endif
        if (errno != Errno.None)
        {
            _broken = $"The node journal '{_medium.Display}' could not be flushed: {errno.Text()}. The process must stop; recovery decides at the next start.";
            ThrowIfBroken();
        }
    }

    /// <summary>Reads bytes of a payload whose place is known.</summary>
    public int Read(Span<byte> buffer, long offset) => _medium.Read(buffer, offset);

    /// <summary>Reads the whole log once more.</summary>
    public void Scan(TransferId id, JournalRecordFound onRecord) => JournalScanner.Scan(_medium, id, onRecord);

    /// <summary>Throws again what the failed flush threw.</summary>
    /// <exception cref="JournalFlushException">An earlier flush failed.</exception>
    public void ThrowIfBroken()
    {
        if (_broken is not null)
        {
            throw new JournalFlushException(_broken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _medium.Dispose();

    private void Break(Action repair)
    {
        try
        {
            repair();
        }
        catch (NativeException error)
        {
            _broken = $"The node journal '{_medium.Display}' could not be repaired after a failed append: {error.Message}";
            throw new JournalFlushException(_broken, error);
        }
    }
}
