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
    // A search for the next whole record checks at most this many candidate bytes, so that a hostile page in a torn log costs seconds, not hours.
    private const long SearchBudget = 1L << 30;
    private const int FirstWindow = 256;
    private const int FirstBuffer = 4 * 1024;
    private const int SearchWindow = 64 * 1024;

    /// <summary>Reads the whole log.</summary>
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
        long budget = SearchBudget;
        while (offset < length)
        {
            int size = ReadSound(medium, salt, offset, length, ref buffer, ref budget);
            if (size == 0)
            {
                offset = FindNext(medium, salt, offset + 1, length, ref buffer, ref budget);
                damaged |= offset < length;
                continue;
            }

            last = (JournalRecordType)buffer[4];
            unknown |= !Enum.IsDefined(last);
            onRecord(new JournalRecord(last, buffer.AsSpan(5, size - JournalFrame.Overhead), offset + 5));
            offset += size;
            good = offset;
        }

        // A log cut inside its own header has a first copy at most; the append of the first record can only begin after both.
        good = Math.Min(good, length);
        return new JournalScan(header, salt, good, good < length, damaged, unknown, last == JournalRecordType.Clean && good == length && !damaged);
    }

    // The next offset at which a whole record lies, or the log's length.
    private static long FindNext(IJournalMedium medium, byte[] salt, long from, long length, ref byte[] buffer, ref long budget)
    {
        // Most damage is a record long, so the search begins small: a log with a thousand damaged places must not cost a thousand windows.
        byte[] window = new byte[FirstWindow];
        while (from + JournalFrame.Overhead <= length && budget > 0)
        {
            int count = medium.Read(window, from);
            int candidates = count - 4;
            for (int i = 0; i < candidates; i++)
            {
                if (JournalFrame.IsPlausible(window.AsSpan(i), length - from - i, out _)
                    && ReadSound(medium, salt, from + i, length, ref buffer, ref budget) > 0)
                {
                    return from + i;
                }
            }

            if (candidates <= 0)
            {
                break;
            }

            from += candidates;
            if (window.Length < SearchWindow)
            {
                window = new byte[window.Length * 4];
            }
        }

        return length;
    }

    // The size of the whole record at the offset, which is then in the buffer; 0 when there is none.
    private static int ReadSound(IJournalMedium medium, byte[] salt, long offset, long length, ref byte[] buffer, ref long budget)
    {
        Span<byte> start = stackalloc byte[5];
        if (length - offset < JournalFrame.Overhead || medium.Read(start, offset) < start.Length
            || !JournalFrame.IsPlausible(start, length - offset, out int size))
        {
            return 0;
        }

        if (buffer.Length < size)
        {
            // By powers of two, so that places which could be ever longer records do not each cost a buffer of their own.
            buffer = new byte[BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, FirstBuffer))];
        }

        Span<byte> record = buffer.AsSpan(0, size);
        if (medium.Read(record, offset) < size || !JournalFrame.IsSound(record, salt, offset))
        {
            budget -= size;
            return 0;
        }

        return size;
    }
}
