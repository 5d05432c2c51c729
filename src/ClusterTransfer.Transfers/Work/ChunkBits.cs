using System.Numerics;

namespace ClusterTransfer.Transfers.Work;

/// <summary>One bit a chunk, growing with the plan: 655,360 chunks of a 10 TiB file take 80 KiB.</summary>
internal sealed class ChunkBits
{
    private ulong[] _words = new ulong[16];

    /// <summary>How many bits are set.</summary>
    public long Count { get; private set; }

    public bool this[uint index]
    {
        get => index / 64 < _words.Length && (_words[index / 64] & (1UL << (int)(index % 64))) != 0;
        set
        {
            if (value == this[index])
            {
                return;
            }

            if (index / 64 >= _words.Length)
            {
                Array.Resize(ref _words, (int)Math.Max(index / 64 + 1, (uint)_words.Length * 2));
            }

            _words[index / 64] ^= 1UL << (int)(index % 64);
            Count += value ? 1 : -1;
        }
    }

    /// <summary>The first clear bit from <paramref name="from"/> and below <paramref name="end"/>; <paramref name="end"/> when all are set.</summary>
    public uint NextClear(uint from, uint end)
    {
        while (from < end)
        {
            if (from / 64 >= _words.Length)
            {
                return from;
            }

            ulong clear = ~_words[from / 64] >> (int)(from % 64);
            if (clear != 0)
            {
                return Math.Min(end, from + (uint)BitOperations.TrailingZeroCount(clear));
            }

            from = (from / 64 + 1) * 64;
        }

        return end;
    }
}
