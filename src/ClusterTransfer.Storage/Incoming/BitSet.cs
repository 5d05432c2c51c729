using System.Numerics;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>Bits of the chunks of one page: an eighth of a byte a chunk, so that a 10 TiB file costs 80 KiB.</summary>
internal sealed class BitSet(int count)
{
    private readonly ulong[] _words = new ulong[(count + 63) / 64];

    public bool this[int index] => (_words[index >> 6] & (1UL << (index & 63))) != 0;

    public long Bytes => _words.Length * sizeof(ulong);

    /// <summary>Sets a bit; false when it was set.</summary>
    public bool Set(int index)
    {
        bool was = this[index];
        _words[index >> 6] |= 1UL << (index & 63);
        return !was;
    }

    /// <summary>Clears a bit; false when it was clear.</summary>
    public bool Clear(int index)
    {
        bool was = this[index];
        _words[index >> 6] &= ~(1UL << (index & 63));
        return was;
    }

    /// <summary>Sets or clears all bits of a range, 64 at a time: a file may have millions of chunks.</summary>
    /// <returns>How many of them changed and are clear in <paramref name="other"/>, which has as many bits.</returns>
    public long Put(int first, int count, bool value, BitSet other)
    {
        long changed = 0;
        for (int at = first; at < first + count; at = (at | 63) + 1)
        {
            int word = at >> 6;
            int top = first + count - (word << 6);
            ulong mask = (ulong.MaxValue << (at & 63)) & (top >= 64 ? ulong.MaxValue : (1UL << top) - 1);
            ulong differs = (value ? ~_words[word] : _words[word]) & mask;
            _words[word] ^= differs;
            changed += BitOperations.PopCount(differs & ~other._words[word]);
        }

        return changed;
    }

    /// <summary>Whether all bits of the range are set.</summary>
    public bool AllSet(int first, int count) => NextClear(first, first + count) == first + count;

    /// <summary>Whether no bit of the range is set.</summary>
    public bool NoneSet(int first, int count) => NextSet(first, first + count) == first + count;

    /// <summary>How many bits of the range are set.</summary>
    public long CountSet(int first, int count)
    {
        long set = 0;
        for (int at = NextSet(first, first + count); at < first + count; at = NextSet(at + 1, first + count))
        {
            set++;
        }

        return set;
    }

    /// <summary>The first set bit from <paramref name="from"/> on, or <paramref name="end"/>.</summary>
    public int NextSet(int from, int end) => Next(from, end, 0);

    /// <summary>The first clear bit from <paramref name="from"/> on, or <paramref name="end"/>.</summary>
    public int NextClear(int from, int end) => Next(from, end, ulong.MaxValue);

    /// <summary>Ors the bits into bytes, lowest first.</summary>
    public void OrInto(Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] |= (byte)(_words[i >> 3] >> ((i & 7) * 8));
        }
    }

    private int Next(int from, int end, ulong flip)
    {
        for (int at = from; at < end; at = (at | 63) + 1)
        {
            ulong word = (_words[at >> 6] ^ flip) >> (at & 63);
            if (word != 0)
            {
                return Math.Min(at + BitOperations.TrailingZeroCount(word), end);
            }
        }

        return end;
    }
}
