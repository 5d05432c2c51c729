using System.Buffers.Binary;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Storage.Outgoing.State;

/// <summary>An append-only file of checked records: what the source found stays as it is, whatever happens to this process.</summary>
/// <remarks>Record: magic u32 | length u32 | CRC32C of the payload u32 | CRC32C of the 12 bytes before u32 | payload; little-endian.
/// At opening an unfinished tail is cut. A damaged record with a good one after it is no tail: then the file is refused, because a page that
/// the destination may know must not be made anew. Not thread-safe for appending; reading may run beside it.</remarks>
internal sealed class StateLog : IDisposable
{
    /// <summary>Longest payload in bytes; longer lengths are damage.</summary>
    public const int MaxPayload = 8 * 1024 * 1024;

    private const uint Magic = 0x4C53_5443; // "CTSL"
    private const int HeaderLength = 16;

    private readonly FileHandle _file;
    private long _end;
    private bool _broken;

    private StateLog(FileHandle file) => _file = file;

    /// <summary>Called for each record of the file, in order.</summary>
    /// <param name="payload">Only valid during the call.</param>
    /// <param name="offset">Of the payload in the file.</param>
    public delegate void RecordFound(ReadOnlySpan<byte> payload, long offset);

    /// <summary>Opens or creates the file and reads what is in it.</summary>
    /// <exception cref="NativeException">The disk failed.</exception>
    /// <exception cref="ClusterTransferException">The file is damaged in its middle.</exception>
    public static StateLog Open(FolderHandle folder, ReadOnlySpan<byte> name, RecordFound onRecord)
    {
        var log = new StateLog(folder.OpenOrCreateFile(name, 0x180));
        try
        {
            log.ReadAll(onRecord);
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Adds a record and flushes it.</summary>
    /// <returns>Offset of the payload.</returns>
    /// <exception cref="NativeException">The disk failed. After a failed write the call may be made again; after a failed flush never.</exception>
    public long Append(ReadOnlySpan<byte> payload)
    {
        if (_broken)
        {
            throw new ClusterTransferException(Reason.DiskError, $"'{_file.Display}' could not be flushed before, so nothing is added to it.");
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxPayload);
        byte[] record = GC.AllocateUninitializedArray<byte>(HeaderLength + payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Crc32C.Compute(payload));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12), Crc32C.Compute(record.AsSpan(0, 12)));
        payload.CopyTo(record.AsSpan(HeaderLength));
        _file.Write(record, _end);
        Errno flushed = _file.TryFlushData();
        _broken = flushed != Errno.None;
        flushed.OrThrow("flush", _file);
        long offset = _end + HeaderLength;
        _end += record.Length;
        return offset;
    }

    /// <summary>Reads part of a payload.</summary>
    /// <exception cref="NativeException">The disk failed.</exception>
    /// <exception cref="ClusterTransferException">The file is shorter than it was.</exception>
    public byte[] Read(long offset, int length)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        return _file.Read(bytes, offset) == length
            ? bytes
            : throw new ClusterTransferException(Reason.DiskError, $"'{_file.Display}' is shorter than it was.");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ReadAll(RecordFound onRecord)
    {
        long size = _file.Status().Size;
        while (TryReadRecord(_end, size) is { } payload)
        {
            onRecord(payload, _end + HeaderLength);
            _end += HeaderLength + payload.Length;
        }

        if (_end == size)
        {
            return;
        }

        RefuseDamage(size);
        _file.SetLength(_end);
        _file.Flush();
    }

    private byte[]? TryReadRecord(long offset, long size)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        if (size - offset < HeaderLength || _file.Read(header, offset) < HeaderLength
            || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != Crc32C.Compute(header[..12]))
        {
            return null;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (length is < 0 or > MaxPayload || length > size - offset - HeaderLength)
        {
            return null;
        }

        byte[] payload = Read(offset + HeaderLength, length);
        return Crc32C.Compute(payload) == BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) ? payload : null;
    }

    // Each record is flushed before the next is written, so at most the last one is unfinished: nothing good can stand behind it.
    private void RefuseDamage(long size)
    {
        const int block = 64 * 1024;
        byte[] buffer = new byte[block + 3];
        Span<byte> magic = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(magic, Magic);
        for (long offset = _end + 1; offset < size; offset += block)
        {
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, _file.Read(buffer, offset));
            int from = 0;
            while (bytes[from..].IndexOf(magic) is >= 0 and int at)
            {
                if (TryReadRecord(offset + from + at, size) is not null)
                {
                    throw new ClusterTransferException(
                        Reason.DiskError, $"'{_file.Display}' is damaged at byte {_end}. Cancel this transfer and submit it again.");
                }

                from += at + 1;
            }
        }
    }
}
