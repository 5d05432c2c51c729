using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Manifests;

public sealed class PackDigestTests
{
    [Fact]
    public void Compute_IsBlake3OfEntryLengthAndRootOfEachMember()
    {
        byte[] first = TestData.Random(seed: 1, 32);
        byte[] second = TestData.Random(seed: 2, 32);
        byte[] input = [5, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, .. first, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, .. second];
        Digest digest = PackDigest.Compute(
        [
            new PackMemberDigest(new EntryIndex(5), 10, new Digest(first)),
            new PackMemberDigest(new EntryIndex(256), 512, new Digest(second)),
        ]);
        Assert.Equal(Blake3.Hash(input), digest);
    }

    [Fact]
    public void Compute_OfNoMembers_IsTheHashOfNothing() => Assert.Equal(Blake3.Hash([]), PackDigest.Compute([]));

    [Fact]
    public void Compute_OfAFullPack_IsPossibleAndOfMoreRefused()
    {
        Assert.NotEqual(default, PackDigest.Compute(new PackMemberDigest[1024]));
        Assert.Throws<ArgumentException>(() => PackDigest.Compute(new PackMemberDigest[1025]));
    }
}
