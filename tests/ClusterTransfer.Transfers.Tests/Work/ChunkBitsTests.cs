using ClusterTransfer.Transfers.Work;

namespace ClusterTransfer.Transfers.Tests.Work;

public sealed class ChunkBitsTests
{
    [Theory]
    [InlineData(0u)]
    [InlineData(63u)]
    [InlineData(64u)]
    [InlineData(1023u)]
    [InlineData(1024u)]
    [InlineData(655_360u)]
    public void Bit_SetAndCleared_IsAsLastSaid(uint index)
    {
        var bits = new ChunkBits();

        Assert.False(bits[index]);
        bits[index] = true;
        Assert.True(bits[index]);
        Assert.Equal(1, bits.Count);
        bits[index] = false;
        Assert.False(bits[index]);
        Assert.Equal(0, bits.Count);
    }

    [Fact]
    public void Count_SameBitSetTwice_CountsOnce()
    {
        var bits = new ChunkBits { [5] = true };
        bits[5] = true;

        Assert.Equal(1, bits.Count);
    }

    [Fact]
    public void NextClear_BeyondWhatWasEverSet_IsTheStart() => Assert.Equal(5_000u, new ChunkBits().NextClear(5_000, 6_000));

    [Fact]
    public void NextClear_EmptyRange_IsTheEnd() => Assert.Equal(7u, new ChunkBits().NextClear(7, 7));

    [Fact]
    public void Bits_RandomOperations_AgreeWithASet()
    {
        for (int seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            var bits = new ChunkBits();
            HashSet<uint> model = [];
            for (int i = 0; i < 2_000; i++)
            {
                uint index = (uint)random.Next(1_500);
                bool value = random.Next(4) != 0;
                bits[index] = value;
                _ = value ? model.Add(index) : model.Remove(index);
                uint from = (uint)random.Next(1_600);
                uint end = from + (uint)random.Next(200);
                uint expected = from;
                while (expected < end && model.Contains(expected))
                {
                    expected++;
                }

                Assert.True(expected == bits.NextClear(from, end), $"Seed {seed}, step {i}: next clear from {from} below {end}.");
                Assert.Equal(model.Count, bits.Count);
            }
        }
    }
}
