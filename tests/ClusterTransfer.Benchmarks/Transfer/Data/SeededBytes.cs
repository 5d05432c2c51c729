using System.Runtime.InteropServices;

namespace ClusterTransfer.Benchmarks.Transfer.Data;

/// <summary>Numbers and bytes from a seed (SplitMix64), the same on every machine.</summary>
internal sealed class SeededBytes(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 on and below a bound.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>A number from 0 on and below 1.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Bytes that nothing compresses.</summary>
    public void Fill(Span<byte> bytes)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int index = 0; index < words.Length; index++)
        {
            words[index] = Next();
        }

        for (int index = words.Length * sizeof(ulong); index < bytes.Length; index++)
        {
            bytes[index] = (byte)Next();
        }
    }
}
