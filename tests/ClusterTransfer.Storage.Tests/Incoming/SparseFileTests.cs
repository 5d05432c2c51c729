using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.Outgoing;
using ClusterTransfer.Storage.Tests.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>Row D18, sparse files: the real source against the real destination, on files with holes.</summary>
public sealed class SparseFileTests : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long TiB = 1L << 40;

    private readonly NativeFolder _from = new();
    private readonly NativeFolder _state = new();
    private readonly Destination _to = new();
    private readonly Location _source;
    private readonly Memory<byte> _buffer = AlignedMemory.Of(ChunkSizes.Max);

    public SparseFileTests()
    {
        _source = Location.Open(new LocationOptions(new LocationName("alpha"), _from.Path, ReadOnly: true));
        using FileHandle probe = Create("probe", 4 * MiB);
        probe.TryFindData(0, out long data).OrThrow("find the data of", probe);
        Assert.SkipWhen(data != long.MaxValue, "this file system does not tell holes");
        File.Delete(_from["probe"]);
    }

    public void Dispose()
    {
        NativeCalls.Fail(null);
        _source.Dispose();
        _to.Dispose();
        _state.Dispose();
        _from.Dispose();
    }

    [Theory]
    [InlineData(DurabilityLevel.Flushed)]
    [InlineData(DurabilityLevel.Verified)]
    [Trait("row", "D18")]
    public void D18_ATebibyteWithAMebibyteOfData_MovesAndTakesOnlyThat(DurabilityLevel level)
    {
        byte[] data = RandomBytes(MiB);
        using (FileHandle file = Create("disk.img", TiB))
        {
            file.Write(data, (TiB / 3) + 12_345);
        }

        using OutgoingTransfer outgoing = Scan("disk.img");
        ManifestEntry entry = Assert.Single(outgoing.GetPage(0).Entries);
        Assert.InRange(outgoing.GetPlan(0).ChunkCount, 2, 3);
        Assert.Equal((TiB, outgoing.Totals.Bytes), (entry.Size, outgoing.GetPage(0).BytesOf(entry)));

        // It fits where there is room for little more than its data.
        using IncomingTransfer incoming = _to.Open(_to.Options with { Durability = level, FreeBytes = () => 64 * MiB });
        int sent = Deliver(outgoing, incoming);

        Assert.InRange(sent, 2, 3);
        Assert.Empty(incoming.Issues);
        using FolderHandle arrived = FolderHandle.OpenAbsolute(_to.In());
        using FileHandle copy = arrived.OpenFile("disk.img"u8);
        FileStatus status = copy.Status();
        Assert.Equal(TiB, status.Size);
        Assert.InRange(status.AllocatedBytes, MiB, 2 * MiB);
        AssertHolds(copy, (TiB / 3) + 12_345, data);
        Assert.Equal(0, IncomingTransfer.TryReadOutcome(_to.Location, _to.Id)!.Progress.BytesFound - outgoing.Totals.Bytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [Trait("row", "D18")]
    public void D18_RandomHoles_ArriveEqual(int seed)
    {
        var random = new Random(seed);
        long size = random.NextInt64(8L * MiB, 40L * MiB);
        using (FileHandle file = Create("file", size))
        {
            for (int i = 0; i < 6; i++)
            {
                byte[] bytes = RandomBytes(random.Next(1, 2 * MiB), seed + i);
                file.Write(bytes.AsSpan(0, (int)Math.Min(bytes.Length, size)), random.NextInt64(0, size - bytes.Length));
            }
        }

        using OutgoingTransfer outgoing = Scan("file");
        Assert.NotEmpty(outgoing.GetPage(0).Entries[0].Holes);
        using (IncomingTransfer incoming = _to.Open())
        {
            Deliver(outgoing, incoming);
        }

        Assert.Equal(File.ReadAllBytes(_from["file"]), File.ReadAllBytes(_to.In("file")));
    }

    [Fact]
    [Trait("row", "D18")]
    public void D18_NothingButAHole_Arrives()
    {
        Create("empty", 64L * MiB).Dispose();
        using OutgoingTransfer outgoing = Scan("empty");
        using IncomingTransfer incoming = _to.Open();

        Assert.Equal(1, Deliver(outgoing, incoming));

        using FolderHandle arrived = FolderHandle.OpenAbsolute(_to.In());
        using FileHandle copy = arrived.OpenFile("empty"u8);
        Assert.Equal((64L * MiB, 0L), (copy.Status().Size, copy.Status().AllocatedBytes));
    }

    [Fact]
    [Trait("row", "D18")]
    public void D18_ResumedAfterAnUncleanStop_SendsWhatIsMissingOnly()
    {
        using (FileHandle file = Create("file", 32L * MiB))
        {
            file.Write(RandomBytes(MiB, 1), 4 * MiB);
            file.Write(RandomBytes(MiB, 2), 20 * MiB);
        }

        using OutgoingTransfer outgoing = Scan("file");
        using (IncomingTransfer first = _to.Open())
        {
            Accept(outgoing, first);
            Send(outgoing, first, outgoing.GetPlan(0).At(new ChunkIndex(0)));
            first.Checkpoint();
        }

        using IncomingTransfer next = _to.Open();
        Assert.Equal(1, next.Recovery.ChunksToVerify);
        while (next.VerifyNext(out ChunkIndex? lost))
        {
            Assert.Null(lost);
        }

        Assert.Equal(2, Deliver(outgoing, next));
        Assert.Equal(File.ReadAllBytes(_from["file"]), File.ReadAllBytes(_to.In("file")));
    }

    [Fact]
    [Trait("row", "D11")]
    public void D11_BytesPlantedInAHoleOfTheStagedFile_AreGoneInThePublishedOne()
    {
        using (FileHandle file = Create("file", 32L * MiB))
        {
            file.Write(RandomBytes(MiB), 4 * MiB);
        }

        using OutgoingTransfer outgoing = Scan("file");
        using IncomingTransfer incoming = _to.Open();
        Accept(outgoing, incoming);
        Send(outgoing, incoming, outgoing.GetPlan(0).At(new ChunkIndex(0)));
        using (FileStream planted = File.OpenWrite(_to.Part(0)))
        {
            planted.Position = 17 * MiB;
            planted.Write("not of the source"u8);
        }

        Deliver(outgoing, incoming);

        Assert.Equal(File.ReadAllBytes(_from["file"]), File.ReadAllBytes(_to.In("file")));
    }

    [Fact]
    [Trait("row", "D11")]
    public void D11_ZerosOfAChunkThatWasDamaged_ReplaceWhatIsThere()
    {
        using (FileHandle file = Create("file", 32L * MiB))
        {
            file.Write("a"u8, 4 * MiB);
        }

        using OutgoingTransfer outgoing = Scan("file");
        using (IncomingTransfer first = _to.Open())
        {
            Accept(outgoing, first);
            Send(outgoing, first, outgoing.GetPlan(0).At(new ChunkIndex(0)));
            first.Checkpoint();
        }

        using (FileStream damage = File.OpenWrite(_to.Part(0)))
        {
            damage.Position = (4 * MiB) + 500_000;
            damage.Write(RandomBytes(100_000));
        }

        using IncomingTransfer next = _to.Open();
        Assert.True(next.VerifyNext(out ChunkIndex? lost));
        Assert.Equal(new ChunkIndex(0), lost);
        Assert.False(next.VerifyNext(out _));
        Deliver(outgoing, next);

        Assert.Equal(File.ReadAllBytes(_from["file"]), File.ReadAllBytes(_to.In("file")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("row", "F1")]
    public void F1_AHoleIsWrittenToAfterTheScan_IsSourceChanged(bool timeIsSetBack)
    {
        using (FileHandle file = Create("file", 32L * MiB))
        {
            file.Write(RandomBytes(MiB), 4 * MiB);
        }

        using OutgoingTransfer outgoing = Scan("file");
        PagePlan plan = outgoing.GetPlan(0);
        for (int i = 0; i < plan.ChunkCount; i++)
        {
            Assert.Null(outgoing.ReadChunk(plan.At(new ChunkIndex((uint)i)), _buffer).Problem);
        }

        Change("late"u8.ToArray(), 16 * MiB, timeIsSetBack);

        FileRoot root = outgoing.GetFileRoot(new EntryIndex(0), TestContext.Current.CancellationToken);

        Assert.Equal(Reason.SourceChanged, root.Problem?.Reason);
        Assert.Contains(timeIsSetBack ? "where it had a hole" : "after the scan", root.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "F4")]
    public void F4_BlocksThatHoldZerosComeIntoAHole_IsNoChange()
    {
        using (FileHandle file = Create("file", 32L * MiB))
        {
            file.Write(RandomBytes(MiB), 4 * MiB);
        }

        using OutgoingTransfer outgoing = Scan("file");
        Change(new byte[100_000], 16 * MiB, timeIsSetBack: true);

        Assert.Null(outgoing.GetFileRoot(new EntryIndex(0), TestContext.Current.CancellationToken).Problem);
    }

    [Fact]
    [Trait("row", "D3")]
    public void D3_DiskFullForTheDataOfASparseFile_IsNoSpace()
    {
        using (FileHandle file = Create("file", TiB))
        {
            file.Write(RandomBytes(MiB), 4 * MiB);
        }

        using OutgoingTransfer outgoing = Scan("file");
        using IncomingTransfer incoming = _to.Open(_to.Options with { FreeBytes = () => 10 * MiB });

        PageResult refused = incoming.AcceptPage(outgoing.ReadEncodedPage(0));

        Assert.Equal(Reason.NoSpace, refused.Problem?.Reason);
    }

    private static byte[] RandomBytes(int length, int seed = 7)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private FileHandle Create(string name, long size)
    {
        FileHandle file = _from.Handle.CreateFile(System.Text.Encoding.ASCII.GetBytes(name), 0x1a4);
        file.SetLength(size);
        return file;
    }

    private void Change(byte[] bytes, long offset, bool timeIsSetBack)
    {
        using FileHandle file = _from.Handle.OpenOrCreateFile("file"u8, 0x1a4);
        long before = file.Status().ModifiedNs;
        file.Write(bytes, offset);
        if (timeIsSetBack)
        {
            file.SetModified(before);
        }
    }

    private OutgoingTransfer Scan(string name)
    {
        OutgoingTransfer outgoing = OutgoingTransfer.Open(
            _source, ManualSource.PathOf(name), null, _state["state"], new OutgoingOptions { BaseChunkSize = ManualSource.Base });
        while (outgoing.ScanNext(TestContext.Current.CancellationToken))
        {
            // Each call persists one more page.
        }

        Assert.Equal(0, outgoing.ScanIssueCount);
        return outgoing;
    }

    private static void Accept(OutgoingTransfer outgoing, IncomingTransfer incoming)
    {
        for (int page = 0; page < outgoing.PageCount; page++)
        {
            Assert.Null(incoming.AcceptPage(outgoing.ReadEncodedPage(page)).Problem);
        }

        incoming.AcceptSeal(outgoing.Seal!);
    }

    private void Send(OutgoingTransfer outgoing, IncomingTransfer incoming, in PlannedChunk chunk)
    {
        ChunkRead read = outgoing.ReadChunk(chunk, _buffer);
        Assert.Null(read.Problem);
        ChunkWrite write = incoming.WriteChunk(chunk.Index, read.Digest, [], _buffer.Span.Slice(0, read.Length));
        Assert.True(write.Outcome == ChunkWriteOutcome.Stored, write.ToString());
    }

    // What the destination wants of a single file, to the end.
    private int Deliver(OutgoingTransfer outgoing, IncomingTransfer incoming)
    {
        Accept(outgoing, incoming);
        HaveBits have = incoming.HaveBitsOf(0);
        PagePlan plan = outgoing.GetPlan(0);
        int sent = 0;
        for (int i = 0; i < plan.ChunkCount; i++)
        {
            if ((have.Bits[i / 8] & (1 << (i % 8))) == 0)
            {
                PlannedChunk chunk = plan.At(new ChunkIndex((uint)i));
                ChunkRead read = outgoing.ReadChunk(chunk, _buffer);
                Assert.Null(read.Problem);
                Assert.Contains(
                    incoming.WriteChunk(chunk.Index, read.Digest, [], _buffer.Span.Slice(0, read.Length)).Outcome,
                    new[] { ChunkWriteOutcome.Stored, ChunkWriteOutcome.Duplicate });
                sent++;
            }
        }

        FileRoot root = outgoing.GetFileRoot(new EntryIndex(0), TestContext.Current.CancellationToken);
        Assert.Null(root.Problem);
        incoming.FileDone(new EntryIndex(0), root.Root);
        incoming.Checkpoint();
        incoming.PublishReady();
        incoming.Finish();
        return sent;
    }

    // The data at its place, and holes around it.
    private static void AssertHolds(FileHandle file, long offset, byte[] data)
    {
        file.TryFindData(0, out long first).OrThrow("find the data of", file);
        Assert.InRange(first, offset - (128 * 1024), offset);
        byte[] read = new byte[data.Length];
        Assert.Equal(data.Length, file.Read(read, offset));
        Assert.True(read.AsSpan().SequenceEqual(data));
        byte[] around = new byte[offset - first];
        file.Read(around, first);
        Assert.False(around.AsSpan().ContainsAnyExcept((byte)0));
        file.TryFindData(offset + data.Length + (128 * 1024), out long after).OrThrow("find the data of", file);
        Assert.Equal(long.MaxValue, after);
    }
}
