using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Storage.Tests.Incoming;
using ClusterTransfer.Wire.Manifests;
using TransferState = ClusterTransfer.Storage.Incoming.TransferState;

namespace ClusterTransfer.Storage.Tests.NodeJournal;

/// <summary>Records about the largest file there can be, 16,777,216 chunks, over and over: what each says is counted 64 chunks at a time.</summary>
public sealed class RepeatedRecordTests
{
    private const int Chunks = ManifestLimits.MaxChunksPerPage;

    private readonly TransferState _state;

    public RepeatedRecordTests()
    {
        var entry = new ManifestEntry(EntryKind.File, ManualSource.PathOf("a"), 1L << 48, 0x1A4, 0, default, default);
        var page = new ManifestPage(0, 0, 0, ChunkSizes.Max, default, [entry]);
        _state = new TransferState(new PageBook((_, _) => []), new EarlierFiles((_, _) => []));
        _state.ApplyPage(page, new PagePlan(page), default, 0, 0);
    }

    [Fact]
    public void ChunksLost_ThatWereNeverDurable_ChangesNothingHoweverOften()
    {
        _state.ApplyChunkDurable(5);
        _state.ApplyChunkDurable(Chunks - 1);
        long lost = 0;
        for (int i = 0; i < 100; i++)
        {
            lost += _state.ApplyChunksLost(new ChunkRange(0, uint.MaxValue));
        }

        Assert.Equal(2, lost);
        Assert.Equal((0L, 0L), (_state.ChunksDone, _state.BytesDurable));
    }

    [Fact]
    public void ChunksLost_OfPagesWithoutDurableChunks_ReadsNoneOfThemBack()
    {
        // Four pages stay in memory; the first of these six would have to be read from the journal.
        var state = new TransferState(new PageBook((_, _) => throw new InvalidOperationException("A page was read back.")), new EarlierFiles((_, _) => []));
        for (uint number = 0; number < 6; number++)
        {
            var entry = new ManifestEntry(EntryKind.File, ManualSource.PathOf($"a{number}"), 1, 0x1A4, 0, default, default);
            var page = new ManifestPage((int)number, number, number, ChunkSizes.Max, default, [entry]);
            state.ApplyPage(page, new PagePlan(page), default, 0, 0);
        }

        Assert.Equal(0, state.ApplyChunksLost(new ChunkRange(0, uint.MaxValue)));
        Assert.Equal(0, state.ApplyChunksLost(new ChunkRange(uint.MaxValue, uint.MaxValue)));
    }

    [Fact]
    public void CompletedAndUndone_HoweverOften_CountsEachChunkOnce()
    {
        _state.ApplyChunkDurable(5);
        for (int i = 0; i < 100; i++)
        {
            _state.ApplyCompleted(0);
            Assert.Equal(Chunks, _state.ChunksDone);
            _state.ApplyUndone(0);
            Assert.Equal(1, _state.ChunksDone);
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 64)]
    [InlineData(3, 60)]
    [InlineData(3, 61)]
    [InlineData(3, 62)]
    [InlineData(63, 2)]
    [InlineData(64, 130)]
    [InlineData(199, 1)]
    [InlineData(5, 0)]
    public void Put_ARange_IsWhatBitByBitWouldBe(int first, int count)
    {
        var bits = new BitSet(200);
        var slow = new BitSet(200);
        var other = new BitSet(200);
        for (int i = 0; i < 200; i += 3)
        {
            bits.Set(i);
            slow.Set(i);
            other.Set((i * 7) % 200);
        }

        foreach (bool value in (bool[])[true, false, true])
        {
            long expected = 0;
            for (int i = first; i < first + count; i++)
            {
                bool changed = value ? slow.Set(i) : slow.Clear(i);
                expected += changed && !other[i] ? 1 : 0;
            }

            Assert.Equal(expected, bits.Put(first, count, value, other));
            Assert.All(Enumerable.Range(0, 200), i => Assert.Equal(slow[i], bits[i]));
        }
    }
}
