namespace ClusterTransfer.Fuzz;

/// <summary>Random numbers (xoshiro256**) that are started anew for each input: making a <see cref="Random"/> from a seed costs more than most inputs.</summary>
public sealed class FuzzRandom : Random
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <summary>Starts the numbers of one input. Seeds of neighbours have nothing in common.</summary>
    public void Start(long seed, long index)
    {
        ulong state = unchecked(((ulong)seed * 0x9E3779B97F4A7C15UL) ^ ((ulong)index * 0xD1342543DE82EF95UL));
        (_a, _b, _c, _d) = (Mix(ref state), Mix(ref state), Mix(ref state), Mix(ref state));
    }

    public override int Next() => (int)(Step() >> 33);

    public override int Next(int maxValue) => (int)(((Step() >> 32) * (ulong)Math.Max(maxValue, 0)) >> 32);

    public override int Next(int minValue, int maxValue) => minValue + Next(maxValue - minValue);

    public override long NextInt64() => (long)(Step() >> 1);

    public override double NextDouble() => Sample();

    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    public override void NextBytes(Span<byte> buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = (byte)(Step() >> 56);
        }
    }

    protected override double Sample() => (Step() >> 11) * (1.0 / (1UL << 53));

    private static ulong Mix(ref ulong state)
    {
        ulong z = unchecked(state += 0x9E3779B97F4A7C15UL);
        z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
        z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
        return z ^ (z >> 31);
    }

    private ulong Step()
    {
        ulong result = unchecked(ulong.RotateLeft(_b * 5, 7) * 9);
        ulong shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }
}
