using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>Records that are appended by one write, in this order. Long lists are split over several records of the same type.</summary>
internal sealed class JournalBatch
{
    // Far below the frame's limit: a damaged record costs what it held.
    private const int SplitAt = 256 * 1024;
    private const int MaxDetail = 1000;

    private readonly List<(JournalRecordType Type, ReadOnlyMemory<byte> Payload)> _records = [];
    private ArrayBufferWriter<byte> _open = new();
    private JournalRecordType _openType;

    /// <summary>Records so far.</summary>
    public int Count
    {
        get
        {
            Close();
            return _records.Count;
        }
    }

    /// <summary>Bytes in the log.</summary>
    public int Size
    {
        get
        {
            Close();
            return _records.Sum(record => JournalFrame.SizeOf(record.Payload.Length));
        }
    }

    /// <summary>A record; call <see cref="Count"/> first.</summary>
    public (JournalRecordType Type, ReadOnlyMemory<byte> Payload) this[int index] => _records[index];

    public JournalBatch Add(JournalRecordType type, ReadOnlySpan<byte> payload = default)
    {
        Close();
        _records.Add((type, payload.ToArray()));
        return this;
    }

    public JournalBatch Begun(SafeRelativePath folder, ConflictPolicy conflict, DurabilityLevel durability) =>
        Add(JournalRecordType.Begun, [(byte)conflict, (byte)durability, .. folder.Bytes]);

    public JournalBatch EpochRaised(Epoch epoch)
    {
        Span<byte> payload = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, epoch.ToUInt64());
        return Add(JournalRecordType.EpochRaised, payload);
    }

    public JournalBatch RoundBegan(int round)
    {
        Span<byte> payload = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, round);
        return Add(JournalRecordType.RoundBegan, payload);
    }

    /// <summary>A round that opens these entries only.</summary>
    public JournalBatch RoundBegan(int round, IReadOnlyCollection<uint> entries)
    {
        byte[] payload = new byte[sizeof(int) + (sizeof(uint) * entries.Count)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, round);
        int at = sizeof(int);
        foreach (uint entry in entries)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(at), entry);
            at += sizeof(uint);
        }

        return Add(JournalRecordType.RoundBeganFor, payload);
    }

    public JournalBatch FolderMerged(uint entry) => AddUInt32(JournalRecordType.FoldersMerged, entry);

    public JournalBatch FileCompleted(uint entry) => AddUInt32(JournalRecordType.FilesCompleted, entry);

    public JournalBatch FileUnverified(uint entry) => AddUInt32(JournalRecordType.FilesUnverified, entry);

    public JournalBatch FileUndone(uint entry) => AddUInt32(JournalRecordType.FilesUndone, entry);

    public JournalBatch ChunkDurable(uint chunk, Digest value)
    {
        Span<byte> item = Extend(JournalRecordType.ChunksDurable, sizeof(uint) + Digest.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(item, chunk);
        value.CopyTo(item[sizeof(uint)..]);
        return this;
    }

    public JournalBatch ChunksLost(ChunkRange range)
    {
        Span<byte> item = Extend(JournalRecordType.ChunksLost, 2 * sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(item, range.First);
        BinaryPrimitives.WriteUInt32LittleEndian(item[sizeof(uint)..], range.Count);
        return this;
    }

    public JournalBatch SourceDone(uint entry, Digest root)
    {
        Span<byte> item = Extend(JournalRecordType.SourceDone, sizeof(uint) + Digest.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(item, entry);
        root.CopyTo(item[sizeof(uint)..]);
        return this;
    }

    public JournalBatch FileVerified(in VerifiedFile file)
    {
        Span<byte> item = Extend(JournalRecordType.FilesVerified, VerifiedFile.Size);
        BinaryPrimitives.WriteUInt32LittleEndian(item, file.Entry);
        BinaryPrimitives.WriteUInt64LittleEndian(item[4..], file.Identity.Device);
        BinaryPrimitives.WriteUInt64LittleEndian(item[12..], file.Identity.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(item[20..], file.Identity.BornNs);
        file.Root.CopyTo(item[28..]);
        return this;
    }

    public JournalBatch EntrySettled(in SettledEntry settled)
    {
        byte[] code = Encoding.UTF8.GetBytes(settled.Problem.Reason.Info().Code);
        byte[] detail = Encoding.UTF8.GetBytes(settled.Problem.Detail.Length > MaxDetail ? settled.Problem.Detail[..MaxDetail] : settled.Problem.Detail);
        Span<byte> item = Extend(JournalRecordType.EntriesSettled, 9 + code.Length + detail.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(item, settled.Entry);
        item[4] = (byte)settled.State;
        item[5] = settled.IsSilent ? (byte)1 : (byte)0;
        item[6] = (byte)code.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(item[7..], (ushort)detail.Length);
        code.CopyTo(item[9..]);
        detail.CopyTo(item[(9 + code.Length)..]);
        return this;
    }

    private JournalBatch AddUInt32(JournalRecordType type, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Extend(type, sizeof(uint)), value);
        return this;
    }

    private Span<byte> Extend(JournalRecordType type, int length)
    {
        if (_openType != type || _open.WrittenCount + length > SplitAt)
        {
            Close();
            _openType = type;
        }

        Span<byte> item = _open.GetSpan(length)[..length];
        _open.Advance(length);
        return item;
    }

    private void Close()
    {
        if (_open.WrittenCount > 0)
        {
            _records.Add((_openType, _open.WrittenMemory));
            _open = new ArrayBufferWriter<byte>();
        }

        _openType = 0;
    }
}
