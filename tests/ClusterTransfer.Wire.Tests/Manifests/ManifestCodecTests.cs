using System.Buffers.Binary;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Manifests;

public sealed class ManifestCodecTests
{
    [Fact]
    public void TryDecode_OfEncodedPage_GivesTheSamePage()
    {
        var random = new Random(1);
        for (int round = 0; round < 300; round++)
        {
            ManifestPage page = Pages.Random(random);
            byte[] encoded = ManifestCodec.Encode(page);
            Assert.True(ManifestCodec.TryDecode(encoded, out ManifestPage? read, out string? problem), problem);
            Assert.Equal(page.Entries, read.Entries);
            Assert.Equal(page with { Entries = [] }, read with { Entries = page.Entries } with { Entries = [] });
            Assert.InRange(encoded.Length, 1, 64 + page.Entries.Sum(ManifestCodec.MaxLengthOf));
        }
    }

    [Fact]
    public void TryDecode_OfPageCutAnywhere_Refuses()
    {
        byte[] encoded = ManifestCodec.Encode(Pages.Random(new Random(2), maxEntries: 20));
        for (int length = 0; length < encoded.Length; length++)
        {
            Assert.False(ManifestCodec.TryDecode(encoded.AsSpan(0, length), out ManifestPage? page, out string? problem));
            Assert.Null(page);
            Assert.NotNull(problem);
        }
    }

    [Fact]
    public void TryDecode_OfDamagedPage_RefusesOrGivesThePageOfThoseBytes()
    {
        var random = new Random(3);
        int accepted = 0;
        for (int round = 0; round < 5000; round++)
        {
            byte[] damaged = ManifestCodec.Encode(Pages.Random(random, maxEntries: 8));
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            if (ManifestCodec.TryDecode(damaged, out ManifestPage? page, out _))
            {
                // One page, one encoding: otherwise two pages with one meaning would have two hashes.
                accepted++;
                Assert.Equal(damaged, ManifestCodec.Encode(page));
                Assert.True(new PagePlan(page).ChunkCount >= 0);
            }
        }

        Assert.True(accepted > 100, $"Only {accepted} damaged pages reached the comparison.");
    }

    [Fact]
    public void TryDecode_OfRandomBytes_DoesNotThrow()
    {
        var random = new Random(4);
        byte[] bytes = new byte[400];
        for (int round = 0; round < 20_000; round++)
        {
            random.NextBytes(bytes);
            bytes[0] = ManifestCodec.FormatVersion;
            bytes[13] = 20;
            Assert.False(ManifestCodec.TryDecode(bytes.AsSpan(0, random.Next(bytes.Length)), out _, out _));
        }
    }

    [Fact]
    public void TryDecode_OfManyEntriesWithoutTheirBytes_AllocatesLittle()
    {
        byte[] encoded = ManifestCodec.Encode(Pages.OfSizes(1));
        BinaryPrimitives.WriteUInt16LittleEndian(encoded.AsSpan(46), ManifestLimits.MaxEntriesPerPage);
        ManifestCodec.TryDecode(encoded, out _, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(ManifestCodec.TryDecode(encoded, out _, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }

    [Fact]
    public void TryDecode_OfMoreThanOneMiB_RefusesWithoutReading()
    {
        byte[] encoded = new byte[ManifestLimits.MaxEncodedPage + 1];
        Assert.False(ManifestCodec.TryDecode(encoded, out _, out string? problem));
        Assert.Contains("at most", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryDecode_OfAnotherFormatVersion_SaysSo()
    {
        byte[] encoded = ManifestCodec.Encode(Pages.OfSizes(1));
        encoded[0] = 3;
        Assert.False(ManifestCodec.TryDecode(encoded, out _, out string? problem));
        Assert.Equal("its format version is 3; this node reads 1 and 2", problem);
    }

    [Fact]
    public void HashOf_IsBlake3OfTheEncodedPage()
    {
        byte[] encoded = ManifestCodec.Encode(Pages.OfSizes(1));
        Assert.Equal(Blake3.Hash(encoded), ManifestCodec.HashOf(encoded));
        Digest before = ManifestCodec.HashOf(encoded);
        encoded[^1] ^= 1;
        Assert.NotEqual(before, ManifestCodec.HashOf(encoded));
    }

    [Fact]
    public void Encode_OfMoreThanOneMiB_IsRefused()
    {
        string folder = string.Join('/', Enumerable.Repeat(new string('d', 250), 15));
        ManifestPage page = Pages.Of([.. Enumerable.Range(0, 600).Select(i => Pages.File($"{i}/{folder}", 1))]);
        ArgumentException error = Assert.Throws<ArgumentException>(() => ManifestCodec.Encode(page));
        Assert.Contains("longer than", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_OfSharedPrefixes_WritesThemOnce()
    {
        string folder = string.Join('/', Enumerable.Repeat(new string('d', 250), 15));
        ManifestPage page = Pages.Of([.. Enumerable.Range(0, 4096).Select(i => Pages.File($"{folder}/{i:d4}", 1))]);
        byte[] encoded = ManifestCodec.Encode(page);
        Assert.InRange(encoded.Length, 1, 4096 * 24);
        Assert.True(ManifestCodec.TryDecode(encoded, out _, out _));
    }
}
