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

    /// <summary>The initial value: the fractional parts of the square roots of the first eight primes, as in SHA-256.</summary>
    public static ReadOnlySpan<uint> InitialValue =>
    [
        0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
    ];
}
