using System.Numerics;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Tests.Incoming.Recovery;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>The destination's counters say what its bits and files say, at any time and after any stop.</summary>
public sealed class ProgressTests : IDisposable
{
    private readonly Destination _to = new();

    public void Dispose() => _to.Dispose();

    [Theory]
    [InlineData(DurabilityLevel.Received)]
    [InlineData(DurabilityLevel.Flushed)]
    [InlineData(DurabilityLevel.Verified)]
    public void Progress_OfAWholeTransfer_CountsEveryChunkAndByte(DurabilityLevel level)
    {
        ManualSource source = ManualSource.Tree(pageSize: 4);
        _to.Options = _to.Options with { Durability = level };
        using IncomingTransfer transfer = _to.Open();
        source.Deliver(transfer, checkpointEvery: 1, onTold: _ => AssertCounts(source, transfer));
        TransferProgress progress = transfer.Progress;
        Assert.Equal(source.Seal.Chunks, progress.ChunksFound);
        Assert.Equal(source.Seal.Chunks, progress.ChunksDurable);
        Assert.Equal(source.Seal.Bytes, progress.BytesVerified);
    }

    [Theory]
    [InlineData("d7.after")]
    [InlineData("d13.after")]
    [InlineData("d14.after")]
    [InlineData("d16.before")]
    [InlineData("d16.after")]
    public void Progress_AfterACrash_IsWhatTheJournalAndTheDiskSay(string point)
    {
        ManualSource source = ManualSource.Tree(pageSize: 4);
        var crash = new CrashAt(point, hit: 2);
        using (IncomingTransfer transfer = _to.Open(_to.Options with { FaultPoint = crash.Reach }))
        {
            Assert.Throws<PlayedCrashException>(() => source.Deliver(transfer, checkpointEvery: 1));
        }

        TransferProgress first;
        using (IncomingTransfer again = _to.Open())
        {
            first = again.Progress;
            AssertCounts(source, again);
            Assert.True(first.BytesVerified > 0);
            Assert.Equal(first.BytesPublished, first.BytesVerified); // recovery has published what was verified
        }

        Assert.Equal(first, IncomingTransfer.TryReadOutcome(_to.Location, _to.Id)!.Progress);
        using IncomingTransfer last = _to.Open();
        Assert.Equal(first, last.Progress);
        source.Deliver(last);
        AssertCounts(source, last);
        Assert.Equal(source.Seal.Bytes, last.Progress.BytesVerified);
    }

    [Fact]
    public void Progress_ChunksLostAndNotWanted_AreCountedOnce()
    {
        ManualSource source = new ManualSource().Folder("t").File("t/a", new byte[(2 * ManualSource.Base) + 1]).File("t/b", new byte[ManualSource.Base]);
        using (IncomingTransfer transfer = _to.Open())
        {
            source.SendManifest(transfer);
            source.Write(transfer, source.ChunksOf("t/a")[0]);
            source.Write(transfer, source.ChunksOf("t/b")[0]);
            transfer.Checkpoint();
            Assert.Equal(2, transfer.Progress.ChunksDurable);
            transfer.EntryFailed(source.IndexOf("t/b"), new Problem(Reason.SourceUnreadable, "no"));
            Assert.Equal(2, transfer.Progress.ChunksDurable);
            transfer.Checkpoint();
        }

        File.Delete(_to.Part(source.IndexOf("t/a").Value));
        using IncomingTransfer again = _to.Open();
        Assert.Equal(1, again.Progress.ChunksDurable);
        Assert.Equal(0, again.Progress.BytesVerified);
        AssertCounts(source, again);
    }

    [Fact]
    public void Progress_VerifiedFileThatMeetsAName_IsNotCountedAsVerifiedAnyMore()
    {
        ManualSource source = ManualSource.Single(100);
        using IncomingTransfer transfer = _to.Open(_to.Options with { FaultPoint = point => TakeTheName(point) });
        source.Deliver(transfer);
        Assert.Equal(1, transfer.Progress.FilesSkipped);
        Assert.Equal(0, transfer.Progress.BytesVerified);
        Assert.Equal(1, transfer.Progress.ChunksDurable);
    }

    private void TakeTheName(string point)
    {
        if (point == "d14.before")
        {
            Directory.CreateDirectory(_to.In());
            File.WriteAllText(_to.In("file"), "someone else's");
        }
    }

    private static void AssertCounts(ManualSource source, IncomingTransfer transfer)
    {
        long done = 0;
        for (int page = 0; page < transfer.PagesAccepted; page++)
        {
            done += transfer.HaveBitsOf(page).Bits.Sum(bits => BitOperations.PopCount(bits));
        }

        Assert.Equal(done, transfer.Progress.ChunksDurable);
        Assert.Equal(source.Pages.Take(transfer.PagesAccepted).Sum(page => new PagePlan(page).ChunkCount), transfer.Progress.ChunksFound);
        Assert.InRange(transfer.Progress.BytesVerified, transfer.Progress.BytesPublished, transfer.Progress.BytesFound);
    }
}
