using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Manifests;

public sealed class PagePlanTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public void Plan_OfAnyPage_IsThatOfTheRulesReadPlainly()
    {
        var random = new Random(1);
        for (int round = 0; round < 100; round++)
        {
            ManifestPage page = Pages.Random(random);
            var plan = new PagePlan(page);
            uint index = page.FirstChunk;
            foreach (PlainPlan.Chunk expected in PlainPlan.Of(page))
            {
                // Of a file with very many chunks it is enough to see the first and the last.
                long last = expected.Count - 1;
                foreach (long offset in (ReadOnlySpan<long>)[0, Math.Min(1, last), last])
                {
                    var chunk = new ChunkIndex(index + (uint)offset);
                    PlannedChunk planned = plan.At(chunk);
                    Assert.Equal(expected.At(page, chunk, offset), planned);
                    Assert.Equal(expected.Members, plan.MembersOf(planned).ToArray());
                }

                index += (uint)expected.Count;
            }

            Assert.Equal(index - page.FirstChunk, (uint)plan.ChunkCount);
            Assert.False(plan.Contains(new ChunkIndex(index)));
        }
    }

    [Fact]
    public void ChunksOf_EachFile_AreTheChunksThatHoldIt()
    {
        var random = new Random(2);
        for (int round = 0; round < 100; round++)
        {
            ManifestPage page = Pages.Random(random);
            var plan = new PagePlan(page);
            for (int i = 0; i < page.Entries.Count; i++)
            {
                var entry = new EntryIndex(page.FirstEntry + (uint)i);
                (ChunkIndex first, int count) = plan.ChunksOf(entry);
                if (page.Entries[i].Kind != EntryKind.File)
                {
                    Assert.Equal(0, count);
                    continue;
                }

                PlannedChunk chunk = plan.At(first);
                PlannedChunk last = plan.At(new ChunkIndex(first.Value + (uint)count - 1));
                if (chunk.IsPacked)
                {
                    Assert.Equal(1, count);
                    PackMember member = Assert.Single(plan.MembersOf(chunk).ToArray(), member => member.Entry == entry);
                    Assert.Equal(page.Entries[i].Size, member.Length);
                }
                else
                {
                    IReadOnlyList<FileHole> holes = page.Entries[i].Holes;
                    long start = holes.Count > 0 && holes[0].First == 0 ? holes[0].End * chunk.ChunkSize : 0;
                    Assert.Equal((entry, entry, start), (chunk.Entry, last.Entry, chunk.FileOffset));
                    Assert.Equal(page.Entries[i].Size, last.FileOffset + last.Length);
                }
            }
        }
    }

    [Fact]
    public void EmptyFiles_ArePackMembersOfLengthZero()
    {
        var plan = new PagePlan(Pages.OfSizes(0, 0));
        PlannedChunk chunk = plan.At(default);
        Assert.Equal((1, true, 0, 2), (plan.ChunkCount, chunk.IsPacked, chunk.Length, chunk.MemberCount));
        Assert.Equal([new PackMember(new EntryIndex(0), 0, 0), new PackMember(new EntryIndex(1), 0, 0)], plan.MembersOf(chunk).ToArray());
    }

    [Fact]
    public void FoldersAndLinks_HaveNoChunksAndDoNotEndAPack()
    {
        var plan = new PagePlan(Pages.Of(Pages.Folder("a"), Pages.File("a/1", 1), Pages.Link("a/l", "1"), Pages.Folder("a/b"), Pages.File("a/b/2", 2)));
        Assert.Equal(1, plan.ChunkCount);
        Assert.Equal(
            [new PackMember(new EntryIndex(1), 0, 1), new PackMember(new EntryIndex(4), 1, 2)],
            plan.MembersOf(plan.At(default)).ToArray());
    }

    [Fact]
    public void ALargeFile_EndsThePackSoThatChunksStayInOrderOfEntries()
    {
        var plan = new PagePlan(Pages.OfSizes(1, MiB, 1));
        Assert.Equal([0u, 1u, 2u], Enumerable.Range(0, 3).Select(i => plan.At(new ChunkIndex((uint)i)).Entry.Value));
        Assert.False(plan.At(new ChunkIndex(1)).IsPacked);
    }

    [Fact]
    public void APack_IsFullAtTheBaseChunkSize()
    {
        var plan = new PagePlan(Pages.OfSizes(MiB - 1, 1, 0, 1));
        Assert.Equal((2, (int)MiB, 3), (plan.ChunkCount, plan.At(default).Length, plan.At(default).MemberCount));
    }

    [Fact]
    public void APack_IsFullAtItsMostMembers()
    {
        var plan = new PagePlan(Pages.OfSizes(new long[2049]));
        Assert.Equal([1024, 1024, 1], Enumerable.Range(0, 3).Select(i => plan.At(new ChunkIndex((uint)i)).MemberCount));
    }

    [Fact]
    public void AHugeFile_TakesNoMoreMemoryThanASmallOne()
    {
        ManifestPage page = Pages.OfSizes((long)ManifestLimits.MaxChunksPerPage * ChunkSizes.Max);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var plan = new PagePlan(page);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
        Assert.Equal(1 << 24, plan.ChunkCount);
        Assert.Equal(((1L << 24) - 1) * ChunkSizes.Max, plan.At(new ChunkIndex((1 << 24) - 1)).FileOffset);
    }

    [Fact]
    public void At_OutsideThePage_IsRefused()
    {
        var plan = new PagePlan(Pages.OfSizes(1) with { FirstChunk = 5, FirstEntry = 9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.At(new ChunkIndex(4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.At(new ChunkIndex(6)));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.ChunksOf(new EntryIndex(8)));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.ChunksOf(new EntryIndex(10)));
        Assert.True(plan.MembersOf(plan.At(new ChunkIndex(5)) with { Index = new ChunkIndex(6) }).IsEmpty);
    }

    [Fact]
    public void Plan_OfAPageThatTheDecoderWouldRefuse_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new PagePlan(Pages.OfSizes(long.MaxValue)));
        Assert.Throws<ArgumentException>(() => new PagePlan(Pages.OfSizes(1) with { FirstChunk = uint.MaxValue }));
    }

    [Theory]
    [InlineData(0, 4, 4)]
    [InlineData(64 * 1024 * MiB, 4, 4)]
    [InlineData((64 * 1024 * MiB) + 1, 4, 8)]
    [InlineData((128 * 1024 * MiB) + 1, 4, 16)]
    [InlineData(10 * 1024 * 1024 * MiB, 4, 16)]
    [InlineData(long.MaxValue, 1, 16)]
    [InlineData(16_384 * MiB, 1, 1)]
    [InlineData((16_384 * MiB) + 1, 1, 2)]
    public void ChunkSize_GrowsWithTheFile(long size, int baseMiB, int expectedMiB) =>
        Assert.Equal(expectedMiB * (int)MiB, ChunkSizes.For(size, baseMiB * (int)MiB));

    [Fact]
    public void ChunkSize_OfNonsense_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkSizes.For(-1, ChunkSizes.Min));
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkSizes.For(1, ChunkSizes.Min + 1));
    }
}
