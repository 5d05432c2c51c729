using System.Runtime.InteropServices;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Wire.Tests.Hashing;

/// <summary>Every path against the official vectors, and the paths against one another.</summary>
public sealed class Blake3Tests
{
    /// <summary>The kernels as numbers: the enum is internal and theory methods are public.</summary>
    public static TheoryData<int> Kernels => [.. Enum.GetValues<Blake3Kernel>().Select(kernel => (int)kernel)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Hash_OfOfficialInputs_IsTheOfficialHash(int kernel)
    {
        Blake3Kernel chosen = Supported(kernel);
        foreach ((int length, Digest expected) in Blake3Vectors.All)
        {
            Assert.Equal(expected, Blake3.Hash(Blake3Vectors.Input(length), chosen));
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Hash_OfRandomLengths_IsThatOfOneChunkAtATime(int kernel)
    {
        Blake3Kernel chosen = Supported(kernel);
        byte[] data = TestData.Random(seed: 20, 600_000);
        var random = new Random(21);
        for (int round = 0; round < 40; round++)
        {
            // Lengths are dense near the small ones, where each number of chunks is a different shape of tree.
            int length = random.Next(round < 30 ? 70_000 : data.Length + 1);
            int start = random.Next(data.Length - length + 1);
            ReadOnlySpan<byte> part = data.AsSpan(start, length);
            Assert.Equal(ReferenceBlake3.Hash(part), Blake3.Hash(part, chosen));
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Hash_OfEveryNumberOfChunks_IsThatOfOneChunkAtATime(int kernel)
    {
        Blake3Kernel chosen = Supported(kernel);
        byte[] data = TestData.Random(seed: 22, 70 * 1024);
        for (int chunks = 0; chunks < 36; chunks++)
        {
            foreach (int extra in (ReadOnlySpan<int>)[0, 1, 1023])
            {
                ReadOnlySpan<byte> part = data.AsSpan(0, (chunks * 1024) + extra);
                Assert.Equal(ReferenceBlake3.Hash(part), Blake3.Hash(part, chosen));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void SubtreeValues_AtOffsetsBeyondFourGiChunks_AgreeWithThePortableOnes(int kernel)
    {
        Blake3Kernel chosen = Supported(kernel);
        byte[] data = TestData.Random(seed: 23, 1024 * 1024);

        // Chunk counters on both sides of 2^32, where a 32-bit lane carries into the next word.
        foreach (long offset in (ReadOnlySpan<long>)[0, 1L << 20, (1L << 42) - (1L << 20), 1L << 42, (1L << 42) + (1L << 20), 1L << 61])
        {
            Digest expected = ReferenceBlake3.SubtreeValue(data, offset);
            Assert.Equal(expected, Blake3.SubtreeValue(data, offset, chosen));
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void ChunksAcrossACounterOfTwoToThe32_CarryInEveryLane(int kernel)
    {
        Blake3Kernel chosen = Supported(kernel);
        byte[] data = TestData.Random(seed: 27, 16 * 1024);
        const ulong First = (1UL << 32) - 3;
        Span<uint> values = stackalloc uint[16 * 8];
        Blake3Lanes.HashChunks(chosen, data, First, values);
        for (int i = 0; i < 16; i++)
        {
            Digest expected = ReferenceBlake3.SubtreeValue(data.AsSpan(i * 1024, 1024), (long)(First + (ulong)i) * 1024);
            Assert.Equal(expected, new Digest(MemoryMarshal.AsBytes(values.Slice(i * 8, 8))));
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Hasher_FedInRandomParts_FinishesWithTheHash(int kernel)
    {
        Blake3Kernel chosen = Supported(kernel);
        var random = new Random(24);
        byte[] data = TestData.Random(seed: 25, 400_000);
        var hasher = new Blake3Hasher(chosen);
        for (int round = 0; round < 60; round++)
        {
            int length = random.Next(data.Length + 1);
            hasher.Reset();
            for (int done = 0; done < length;)
            {
                int part = Math.Min(length - done, random.Next(3) switch { 0 => random.Next(100), 1 => random.Next(3000), _ => random.Next(200_000) });
                hasher.Append(data.AsSpan(done, part));
                done += part;
            }

            Digest expected = Blake3.Hash(data.AsSpan(0, length));
            Assert.Equal(expected, hasher.Finish());
            Assert.Equal(expected, hasher.Finish());
        }
    }

    [Fact]
    public void Hasher_FedOfficialInputsByteByByte_FinishesWithTheOfficialHash()
    {
        var hasher = new Blake3Hasher();
        foreach ((int length, Digest expected) in Blake3Vectors.All.Where(vector => vector.Length <= 32_768))
        {
            hasher.Reset();
            foreach (byte b in Blake3Vectors.Input(length))
            {
                hasher.Append([b]);
            }

            Assert.Equal(expected, hasher.Finish());
        }
    }

    [Fact]
    public void Hasher_AfterFinish_GoesOn()
    {
        byte[] data = TestData.Random(seed: 26, 10_000);
        var hasher = new Blake3Hasher();
        hasher.Append(data.AsSpan(0, 5000));
        Assert.Equal(Blake3.Hash(data.AsSpan(0, 5000)), hasher.Finish());
        hasher.Append(data.AsSpan(5000));
        Assert.Equal(Blake3.Hash(data), hasher.Finish());
    }

    [Theory]
    [InlineData(-1024, 10)]
    [InlineData(1, 10)]
    [InlineData(1025, 10)]
    [InlineData(0, 0)]
    [InlineData(1024, 1025)]
    [InlineData(3 * 4096, 4097)]
    public void SubtreeValue_OfBytesThatAreNoSubtree_IsRefused(long offset, int length) =>
        Assert.Throws<ArgumentException>(() => Blake3.SubtreeValue(new byte[length], offset));

    private static Blake3Kernel Supported(int kernel)
    {
        var chosen = (Blake3Kernel)kernel;
        Assert.SkipUnless(chosen.IsSupported(), $"This machine has no {chosen}.");
        return chosen;
    }
}
