using System.Buffers.Binary;
using System.Numerics;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Storage.NodeJournal;

/// <summary>Finds the whole records of a log behind damage. Reads every byte once, keeps the window that a record can span, and needs no limit on how much it looks at:
/// a limit would take what lies beyond for an unfinished append, and whole records would be cut off.</summary>
/// <remarks>Any byte may begin a record, and what stands there may look like the length of a long one. The checksum of each such place comes from sums that run over
/// the window once (<see cref="Crc32C.Skip"/>), so that a hostile page in a torn log costs what it is long. Offsets asked for never fall.</remarks>
internal sealed class JournalSearch(IJournalMedium medium, byte[] salt, long length)
{
    private const int Step = 64 * 1024;
    private const int FirstWindow = 256;
    private const int MaxWindow = JournalFrame.MaxLength + JournalFrame.Overhead + Step;

    private readonly uint _salted = Crc32C.Compute(salt);

    // What lies in the log from _from on, and the bare register before each of these bytes and behind the last.
    private byte[] _bytes = [];
    private uint[] _sums = [0];
    private long _from;
    private int _count;

    /// <summary>The first offset, the given one or behind it, at which a whole record lies; the log's length when there is none.</summary>
    public long Next(long offset)
    {
        while (offset < length && SoundAt(offset).IsEmpty)
        {
            offset++;
        }

        return offset;
    }

    /// <summary>The whole record at the offset, valid until the next call; empty when there is none.</summary>
    public ReadOnlySpan<byte> SoundAt(long offset)
    {
        if (length - offset < JournalFrame.Overhead || !TryLoad(offset, 5, out int at)
            || !JournalFrame.IsPlausible(_bytes.AsSpan(at, 5), length - offset, out int size) || !TryLoad(offset, size, out at))
        {
            return [];
        }

        int end = at + size - sizeof(uint);
        uint before = ~JournalFrame.ChecksumBefore(_salted, offset);
        uint checksum = ~(Crc32C.Skip(before ^ _sums[at], (uint)(end - at)) ^ _sums[end]);
        return BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(end)) == checksum ? _bytes.AsSpan(at, size) : [];
    }

    // Has so many bytes from the offset on in the window; false when the log does not give them.
    private bool TryLoad(long offset, int size, out int at)
    {
        if (offset >= _from + _count)
        {
            // Nothing of the window is needed any more. Sums may begin anywhere: only what lies between two of them counts.
            (_from, _count) = (offset, 0);
        }

        at = (int)(offset - _from);
        if (at + size > _count)
        {
            Fill(ref at, size);
        }

        return at + size <= _count;
    }

    private void Fill(ref int at, int size)
    {
        if (at >= Step)
        {
            // A step at a time, so that moving the rest costs little of what is read.
            Buffer.BlockCopy(_bytes, at, _bytes, 0, _count - at);
            Array.Copy(_sums, at, _sums, 0, _count - at + 1);
            (_from, _count, at) = (_from + at, _count - at, 0);
        }

        // By powers of two up to the whole window: most damage is short, and a thousand damaged places must not cost a thousand windows.
        int wanted = (int)Math.Min(Math.Min(MaxWindow, Math.Max(FirstWindow, BitOperations.RoundUpToPowerOf2((uint)(at + size)))), length - _from);
        if (_bytes.Length < wanted)
        {
            Array.Resize(ref _bytes, wanted);
            Array.Resize(ref _sums, wanted + 1);
        }

        int read = medium.Read(_bytes.AsSpan(_count, wanted - _count), _from + _count);
        for (int i = _count; i < _count + read; i++)
        {
            _sums[i + 1] = Crc32C.Step(_sums[i], _bytes[i]);
        }

        _count += read;
    }
}
