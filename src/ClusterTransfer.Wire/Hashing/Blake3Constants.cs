namespace ClusterTransfer.Wire.Hashing;

/// <summary>Numbers of the BLAKE3 specification.</summary>
internal static class Blake3Constants
{
    public const int BlockLength = 64;
    public const int ChunkLength = 1024;
    public const int BlocksPerChunk = ChunkLength / BlockLength;

    /// <summary>Words in a chaining value.</summary>
    public const int Words = 8;

    /// <summary>Bytes in a chaining value.</summary>
    public const int ValueLength = 32;

    /// <summary>Chunks in an input of 2^64 bytes make a tree of this height.</summary>
    public const int MaxDepth = 54;

    public const uint ChunkStart = 1;
    public const uint ChunkEnd = 2;
    public const uint Parent = 4;
    public const uint Root = 8;

    public const int Rounds = 7;

    // The initial value: fractional parts of the square roots of the first eight primes, as in SHA-256.
    // Constants and not a span of data, which unoptimised code would make on the heap each time.
    public const uint Iv0 = 0x6A09E667;
    public const uint Iv1 = 0xBB67AE85;
    public const uint Iv2 = 0x3C6EF372;
    public const uint Iv3 = 0xA54FF53A;
    public const uint Iv4 = 0x510E527F;
    public const uint Iv5 = 0x9B05688C;
    public const uint Iv6 = 0x1F83D9AB;
    public const uint Iv7 = 0x5BE0CD19;

    /// <summary>Sets a chaining value of 8 words to the initial value.</summary>
    public static void SetInitial(Span<uint> value)
    {
        value[0] = Iv0;
        value[1] = Iv1;
        value[2] = Iv2;
        value[3] = Iv3;
        value[4] = Iv4;
        value[5] = Iv5;
        value[6] = Iv6;
        value[7] = Iv7;
    }
}
