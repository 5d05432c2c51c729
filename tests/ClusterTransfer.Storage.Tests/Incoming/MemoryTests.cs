using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Native;
using ClusterTransfer.Storage.NodeJournal;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>What a 10 TiB file costs in memory. No data: its staged file is sparse and its journal is written by hand.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class MemoryTests : IDisposable
{
    private const long Huge = 10L << 40;
    private readonly Destination _to = new();

    public void Dispose() => _to.Dispose();

    [Fact]
    public void State_OfATenTebibyteFile_StaysBelowOneMebibyte()
    {
        _to.Options = _to.Options with { FreeBytes = () => long.MaxValue };
        var source = new ManualSource().Raw(new ManifestEntry(EntryKind.File, ManualSource.PathOf("huge"), Huge, 0x1a4, 0, default, default));
        using (IncomingTransfer transfer = _to.Open())
        {
            Assert.Null(transfer.AcceptPage(source.Encoded[0]).Problem);
        }

        uint chunks = (uint)new PagePlan(source.Pages[0]).ChunkCount;
        Assert.Equal(655_360u, chunks);
        MarkAllDurable(chunks);
        try
        {
            using FileStream part = File.Create(_to.Part(0));
            part.SetLength(Huge);
        }
        catch (IOException)
        {
            Assert.Skip("this file system holds no sparse file of 10 TiB");
        }

        long before = GC.GetTotalMemory(forceFullCollection: true);
        using IncomingTransfer opened = _to.Open();
        long after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.Equal(Huge, opened.Progress.BytesDurable);
        Assert.Empty(source.Wanted(opened));
        Assert.True(after - before < 1 << 20, $"{after - before} bytes");

        // The value of a chunk is one read away.
        ChunkWrite again = opened.WriteChunk(new ChunkIndex(4711), ValueOf(4711), [], new byte[ChunkSizes.Max]);
        Assert.Equal((ChunkWriteOutcome.Duplicate, true), (again.Outcome, again.IsDurable));
    }

    private static Digest ValueOf(uint chunk)
    {
        byte[] bytes = new byte[Digest.Length];
        BitConverter.TryWriteBytes(bytes, chunk + 1);
        return new Digest(bytes);
    }

    private void MarkAllDurable(uint chunks)
    {
        using FolderHandle folder = FolderHandle.OpenAbsolute(_to.Staging);
        folder.TryOpenWritable("journal.log"u8, out FileHandle? file);
        var medium = new FileJournalMedium(file!);
        JournalScan scan = JournalScanner.Scan(medium, _to.Id, _ => { });
        using var log = new NodeJournalLog(medium, scan.Salt, scan.GoodLength);
        var batch = new JournalBatch();
        for (uint i = 0; i < chunks; i++)
        {
            batch.ChunkDurable(i, ValueOf(i));
        }

        log.Append(batch.Add(JournalRecordType.Clean), flush: true);
    }
}

/// <summary>For tests that measure the whole process: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;
