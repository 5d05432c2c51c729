using System.Numerics;
using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>One whole record as it lies in the log; the payload is only valid during the call.</summary>
internal readonly ref struct JournalRecord(JournalRecordType type, ReadOnlySpan<byte> payload, long payloadOffset)
{
    public JournalRecordType Type { get; } = type;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>Where the payload starts in the log.</summary>
    public long PayloadOffset { get; } = payloadOffset;
}

/// <summary>Called for each whole record, in the log's order.</summary>
internal delegate void JournalRecordFound(JournalRecord record);

/// <summary>What a pass over a log found.</summary>
/// <param name="Header">What its start says; with anything but a readable header no record was looked at.</param>
/// <param name="Salt">The salt of its checksums.</param>
/// <param name="GoodLength">Bytes up to the end of the last whole record.</param>
/// <param name="HasTail">Whether bytes follow that are no record: an unfinished append.</param>
/// <param name="IsDamaged">Whether something between whole records, or a header copy, does not check.</param>
/// <param name="HasUnknownType">Whether a whole record is of a type this version does not know.</param>
/// <param name="IsClean">Whether the last record says that the process stopped cleanly.</param>
internal sealed record JournalScan(
    JournalHeaderState Header, byte[] Salt, long GoodLength, bool HasTail, bool IsDamaged, bool HasUnknownType, bool IsClean);

/// <summary>Reads a log from front to back and tells an unfinished tail from damage in the middle.</summary>
internal static class JournalScanner
{
    private const int FirstBuffer = 4 * 1024;

    /// <summary>Reads the whole log, whatever its length and however much of it is damaged.</summary>
    public static JournalScan Scan(IJournalMedium medium, TransferId id, JournalRecordFound onRecord)
    {
        long length = medium.Length;
        byte[] start = new byte[JournalHeader.Size];
        JournalHeaderState header = JournalHeader.Read(start.AsSpan(0, medium.Read(start, 0)), id, out byte[] salt);
        if (header is not (JournalHeaderState.Sound or JournalHeaderState.OneCopyDamaged))
        {
            return new JournalScan(header, salt, 0, length > 0, false, false, false);
        }

        bool damaged = header == JournalHeaderState.OneCopyDamaged;
        bool unknown = false;
        JournalRecordType last = 0;
        long offset = JournalHeader.Size;
        long good = offset;
        byte[] buffer = [];
        JournalSearch? search = null;
        while (offset < length)
        {
            // Behind the first damage only the search reads: looking at each place anew would read bytes as often as they look like the length of a long record.
            ReadOnlySpan<byte> record = search is null ? ReadSound(medium, salt, offset, length, ref buffer) : search.SoundAt(offset);
            if (record.IsEmpty)
            {
                search ??= new JournalSearch(medium, salt, length);
                offset = search.Next(offset + 1);
                damaged |= offset < length;
                continue;
            }

            last = (JournalRecordType)record[4];
            unknown |= !Enum.IsDefined(last);
            onRecord(new JournalRecord(last, record[5..^sizeof(uint)], offset + 5));
            offset += record.Length;
            good = offset;
        }

        // A log cut inside its own header has a first copy at most; the append of the first record can only begin after both.
        good = Math.Min(good, length);
        return new JournalScan(header, salt, good, good < length, damaged, unknown, last == JournalRecordType.Clean && good == length && !damaged);
    }

    // The whole record at the offset; empty when there is none.
    private static ReadOnlySpan<byte> ReadSound(IJournalMedium medium, byte[] salt, long offset, long length, ref byte[] buffer)
    {
        Span<byte> start = stackalloc byte[5];
        if (length - offset < JournalFrame.Overhead || medium.Read(start, offset) < start.Length
            || !JournalFrame.IsPlausible(start, length - offset, out int size))
        {
            return [];
        }

        if (buffer.Length < size)
        {
            // By powers of two, so that ever longer records do not each cost a buffer of their own.
            buffer = new byte[BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, FirstBuffer))];
        }

        Span<byte> record = buffer.AsSpan(0, size);
        return medium.Read(record, offset) < size || !JournalFrame.IsSound(record, salt, offset) ? [] : record;
    }
}
