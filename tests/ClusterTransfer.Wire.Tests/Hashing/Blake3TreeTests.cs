using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;

namespace ClusterTransfer.Wire.Tests.Hashing;

public sealed class Blake3TreeTests
{
    [Fact]
    public void Root_OfSubtreesOfAnyFile_IsTheHashOfTheFile()
    {
        var random = new Random(1);
        byte[] data = TestData.Random(seed: 2, 300_000);
        for (int round = 0; round < 200; round++)
        {
            int subtree = 1024 << random.Next(8);
            int length = random.Next(subtree + 1, data.Length + 1);
            ReadOnlySpan<byte> file = data.AsSpan(0, length);
            var tree = new Blake3Tree();
            for (int offset = 0; offset < length; offset += subtree)
            {
                tree.Add(Blake3.SubtreeValue(file.Slice(offset, Math.Min(subtree, length - offset)), offset));
            }

            Assert.Equal(Blake3.Hash(file), tree.Root());
        }
    }

    [Fact]
    public void Root_AskedAfterEachSubtree_IsThatOfThePrefix()
    {
        byte[] data = TestData.Random(seed: 3, 70 * 1024);
        var tree = new Blake3Tree();
        for (int i = 0; i < 70; i++)
        {
            tree.Add(Blake3.SubtreeValue(data.AsSpan(i * 1024, 1024), i * 1024));
            if (i > 0)
            {
                Assert.Equal(Blake3.Hash(data.AsSpan(0, (i + 1) * 1024)), tree.Root());
            }
        }
    }

    [Fact]
    public void CombineSubtrees_OfRealChunks_IsTheHashOfTheFile()
    {
        const int Chunk = 1024 * 1024;
        byte[] file = TestData.Random(seed: 4, (5 * Chunk) + 12_345);
        Digest[] values = [.. file.Chunk(Chunk).Select((bytes, i) => Blake3.SubtreeValue(bytes, (long)i * Chunk))];
        Assert.Equal(Blake3.Hash(file), Blake3.CombineSubtrees(values));
    }

    [Fact]
    public void CombineSubtrees_WithTwoSwapped_IsAnother()
    {
        byte[] file = TestData.Random(seed: 5, 4096);
        Digest[] values = [.. file.Chunk(1024).Select((bytes, i) => Blake3.SubtreeValue(bytes, i * 1024))];
        (values[1], values[2]) = (values[2], values[1]);
        Assert.NotEqual(Blake3.Hash(file), Blake3.CombineSubtrees(values));
    }

    [Fact]
    public void Root_OfFewerThanTwoSubtrees_IsRefused()
    {
        var tree = new Blake3Tree();
        Assert.Throws<InvalidOperationException>(() => tree.Root());
        tree.Add(default);
        Assert.Throws<InvalidOperationException>(() => tree.Root());
        Assert.Throws<ArgumentException>(() => Blake3.CombineSubtrees([default]));
    }
}
