using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Chunks;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>Ways in which a source could come to stand still.</summary>
public sealed class SourceSessionTests
{
    private static readonly SessionOptions OnePage = new() { ActivePages = 1, ChunkSize = Manifests.MiB };

    [Fact]
    public async Task Chunk_Acknowledged_TheFilesDigestFollows()
    {
        await using SessionBench bench = SessionBench.Create(OnePage);
        Grow(bench, "big", Manifests.MiB);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);

        (FrameHeader chunk, _) = await bench.NextAsync(FrameType.Chunk);
        bench.Say(connection, FrameType.Ack, new AckBody([chunk.Chunk.Value]).ToArray());

        (_, byte[] body) = await bench.NextAsync(FrameType.FileDone);
        Assert.True(FileDoneBody.TryRead(body, out FileDoneBody? done));
        Assert.Equal(chunk.Entry, Assert.Single(done.Files).Entry);
    }

    // The destination has some of the transfer: whether this end has sent a byte of it yet does not matter.
    [Fact]
    public async Task Peer_WaitsForSpaceBeforeAByteWasSent_SuspendsAsWell()
    {
        await using SessionBench bench = SessionBench.Create(OnePage);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        await bench.NextPageAsync();
        bench.Told();

        bench.Say(connection, FrameType.Stop, new StopBody(StopCode.Suspended, Reason.NoSpace, "full").ToArray());
        await bench.Kit.SettleAsync(waitForTasks: true);

        SessionEnded ended = Assert.Single(bench.Told().OfType<SessionEnded>());
        Assert.Equal((SessionEnd.Suspended, Reason.NoSpace), (ended.End, ended.Problem?.Reason));
    }

    [Fact]
    public async Task Progress_OnceScanned_TellsWhatWasFound()
    {
        // One small file in a pack, one of three chunks.
        await using SessionBench bench = SessionBench.Create(OnePage);
        Grow(bench, "big", (2 * Manifests.MiB) + 1);
        await bench.OpenAsync();

        bench.Kit.Time.Advance(OnePage.ProgressInterval);

        TransferProgress progress = Assert.Single(bench.Told().OfType<SessionProgressed>()).Progress;
        Assert.Equal((3L, 2L, 4L), (progress.EntriesFound, progress.FilesFound, progress.ChunksFound));
        Assert.True(progress.ScanComplete);
    }

    [Fact]
    public async Task Chunk_LostBeforeItsAcknowledgementIsHere_IsSentAgain()
    {
        await using SessionBench bench = SessionBench.Create(OnePage with { ActivePages = 2 });
        Grow(bench, "big", Manifests.MiB);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        (FrameHeader first, _) = await bench.NextAsync(FrameType.Chunk);

        // The destination has acknowledged it and lost it in a failed flush; the two words came over two connections.
        bench.Say(connection, FrameType.Nack, new NackBody(NackReason.Lost, "found damaged on disk", default, default).ToArray(), first.Chunk.Value);

        (FrameHeader again, _) = await bench.NextAsync(FrameType.Chunk);
        Assert.Equal(first.Chunk, again.Chunk);
    }

    [Fact]
    public async Task Chunk_UnreadableAsTheLastOfItsPage_TheNextPageFollows()
    {
        await using SessionBench bench = SessionBench.Create(OnePage);
        Grow(bench, "big", Manifests.MiB);
        Fill(bench, pages: 2);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();

        File.Delete(Path.Combine(bench.SourceFolder, "big"));
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);

        // The page is read from disk meanwhile, so either may be first.
        (byte[] changed, byte[] next) = await bench.NextOfBothAsync(FrameType.SourceChanged, FrameType.ManifestPage);
        Assert.True(SourceChangedBody.TryRead(changed, out SourceChangedBody? body));
        Assert.Single(body.Entries);
        Assert.Equal(1, SessionBench.PageOf(next).Page.Number);
    }

    [Fact]
    public async Task Chunk_LostOfAFileThatFailed_DoesNotKeepItsPageOpen()
    {
        await using SessionBench bench = SessionBench.Create(OnePage);
        Grow(bench, "big", Manifests.MiB);
        Fill(bench, pages: 3);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        File.Delete(Path.Combine(bench.SourceFolder, "big"));
        ChunkIndex big = Enumerable.Range(0, plan.ChunkCount).Select(i => plan.At(new ChunkIndex((uint)i))).Single(chunk => !chunk.IsPacked).Index;
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        (ManifestPage second, PagePlan secondPlan) = await bench.NextPageAsync();

        // The destination's re-hash was under way while the file failed here.
        bench.Say(connection, FrameType.Nack, new NackBody(NackReason.Lost, "found damaged on disk", default, default).ToArray(), big.Value);
        await bench.Kit.SettleAsync(waitForTasks: true);
        bench.Answer(connection, second, secondPlan, _ => true);

        Assert.Equal(2, (await bench.NextPageAsync()).Page.Number);
    }

    [Fact]
    public async Task Pages_ConnectionEnds_AllGoInOrderOverOneOther()
    {
        // Arrange: three pages are on their way over the first connection, none of them arrives.
        await using SessionBench bench = SessionBench.Create(OnePage with { ActivePages = 3 });
        Fill(bench, pages: 5);
        await bench.OpenAsync();
        ConnectionHandle first = await GreetAsync(bench);
        var atSecond = new FrameRecorder();
        ConnectionHandle second = await bench.JoinAsync(atSecond);
        for (int number = 0; number < 3; number++)
        {
            Assert.Equal(number, (await bench.NextPageAsync()).Page.Number);
        }

        // Act: it ends, and another one takes its place.
        bench.Leave(first);
        await bench.JoinAsync(new FrameRecorder());
        var pages = new List<(ManifestPage Page, PagePlan Plan)>();

        // Assert
        for (int number = 0; number < 3; number++)
        {
            pages.Add(await bench.NextPageAsync(atSecond));
            Assert.Equal(number, pages[number].Page.Number);
        }

        bench.Answer(second, pages[0].Page, pages[0].Plan, _ => true);
        Assert.Equal(3, (await bench.NextPageAsync(atSecond)).Page.Number);
    }

    [Fact]
    public async Task Resume_TheDestinationHoldsOurPages_AsksOnlyWhatItHasOfThem()
    {
        await using SessionBench bench = SessionBench.Create(OnePage);
        await bench.OpenAsync();
        await GreetAsync(bench);
        (_, byte[] page) = await bench.NextAsync(FrameType.ManifestPage);
        await bench.OpenAsync(session: 2);
        ConnectionHandle connection = await bench.JoinAsync();

        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(1, ManifestCodec.HashOf(page)).ToArray());

        Assert.Empty((await bench.NextAsync(FrameType.ManifestPage)).Body);
        Assert.Empty(bench.Told().OfType<SessionEnded>());
    }

    [Theory]
    [InlineData(1, "holds another manifest of this transfer")]
    [InlineData(2, "holds 2 manifest pages of this transfer; this node made only 1")]
    public async Task Resume_TheDestinationHoldsOtherPages_Fails(int pages, string why)
    {
        await using SessionBench bench = SessionBench.Create(OnePage);
        await bench.OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();

        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(pages, Samples.SomeDigest).ToArray());
        await bench.Kit.SettleAsync(waitForTasks: true);

        SessionEnded ended = Assert.Single(bench.Told().OfType<SessionEnded>());
        Assert.Equal((SessionEnd.Failed, Reason.ProtocolViolation), (ended.End, ended.Problem?.Reason));
        Assert.Contains(why, ended.Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_TooEarlyForTheDestination_IsSentAgainBehindTheMissingOne()
    {
        await using SessionBench bench = SessionBench.Create(OnePage with { ActivePages = 3 });
        Fill(bench, pages: 3);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        for (int number = 0; number < 3; number++)
        {
            await bench.NextPageAsync();
        }

        // Page 0 got lost on the way.
        SayEarly(bench, connection, 1);
        SayEarly(bench, connection, 2);

        for (int number = 0; number < 3; number++)
        {
            (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
            Assert.Equal(number, page.Number);
            bench.Answer(connection, page, plan, _ => true);
        }

        await bench.NextAsync(FrameType.ManifestSeal);
    }

    [Fact]
    public async Task Files_ManyThatFail_AreToldInFewFrames()
    {
        // Arrange: more than the connection's queue of control frames has places, all in packs that cannot be read.
        const int Files = 500;
        await using SessionBench bench = SessionBench.Create(OnePage);
        for (int i = 0; i < Files; i++)
        {
            File.WriteAllText(Path.Combine(bench.SourceFolder, $"small-{i:d4}"), "x");
        }

        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        foreach (string file in Directory.EnumerateFiles(bench.SourceFolder, "small-*"))
        {
            File.Delete(file);
        }

        // Act
        bench.Answer(connection, page, plan, _ => false);

        // Assert
        int told = 0;
        int frames = 0;
        while (told < Files)
        {
            (_, byte[] body) = await bench.NextAsync(FrameType.SourceChanged);
            Assert.True(SourceChangedBody.TryRead(body, out SourceChangedBody? changed));
            told += changed.Entries.Count;
            frames++;
        }

        Assert.Equal(Files, told);
        Assert.InRange(frames, 1, 2 + (Files / SourceChangedBody.MaxEntries));
        Assert.False(bench.ConnectionActor.HasMessages);
    }

    [Fact]
    public async Task Roots_OfManyFilesWhenTheConnectionEnds_AreToldInFewFrames()
    {
        const int Files = 100;
        await using SessionBench bench = SessionBench.Create(OnePage);
        for (int i = 0; i < Files; i++)
        {
            Grow(bench, $"big-{i:d3}", Manifests.MiB);
        }

        await bench.OpenAsync();
        ConnectionHandle first = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(first, page, plan, _ => true);
        Assert.Equal(Files, await RootsAsync(bench, bench.AtPeer, Files));

        bench.Leave(first);
        var atSecond = new FrameRecorder();
        await bench.JoinAsync(atSecond);

        (_, byte[] body) = await bench.NextAsync(FrameType.FileDone, atSecond);
        Assert.True(FileDoneBody.TryRead(body, out FileDoneBody? done));
        Assert.Equal(Files, done.Files.Count);
    }

    [Fact]
    public async Task Chunk_GivenUpByAnActorThatWasStopped_GoesOn()
    {
        // The chunk's actor was stopped with its connection; what it said before is read after the chunk went to another one.
        await using SessionBench bench = SessionBench.Create(OnePage);
        Grow(bench, "big", Manifests.MiB);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(connection, page, plan, chunk => chunk.IsPacked);
        (FrameHeader chunk, _) = await bench.NextAsync(FrameType.Chunk);

        var refused = new ChunkProtocol.Refused(NackReason.Corrupt, "late", default, default);
        bench.Tell(new ChunkProtocol.GivenUp(chunk.Chunk, 8, refused), bench.ConnectionActor.Ref);
        bench.Tell(new ChunkProtocol.Again(chunk.Chunk, 8, "late"), bench.ConnectionActor.Ref);
        bench.Say(connection, FrameType.Ack, new AckBody([chunk.Chunk.Value]).ToArray());

        (_, byte[] body) = await bench.NextAsync(FrameType.FileDone);
        Assert.True(FileDoneBody.TryRead(body, out FileDoneBody? done));
        Assert.Equal(chunk.Entry, Assert.Single(done.Files).Entry);
    }

    [Fact]
    public async Task ChunksLost_OnManyPages_TakeUpNoMorePagesThanMayBeOpen()
    {
        // Arrange: three pages, each with a large file, all of it at the destination.
        await using SessionBench bench = SessionBench.Create(OnePage);
        Grow(bench, "a", Manifests.MiB);
        Grow(bench, "link-00300-large", Manifests.MiB);
        Fill(bench, pages: 3);
        await bench.OpenAsync();
        ConnectionHandle connection = await GreetAsync(bench);
        var large = new List<ChunkIndex>();
        for (int number = 0; number < 3; number++)
        {
            (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
            large.AddRange(Enumerable.Range(0, plan.ChunkCount).Select(i => plan.At(new ChunkIndex(plan.FirstChunk + (uint)i))).Where(chunk => !chunk.IsPacked).Select(chunk => chunk.Index));
            bench.Answer(connection, page, plan, _ => true);
        }

        Assert.Equal(2, large.Count);

        // Act
        foreach (ChunkIndex chunk in large)
        {
            bench.Say(connection, FrameType.Nack, new NackBody(NackReason.Lost, "found damaged on disk", default, default).ToArray(), chunk.Value);
        }

        // Assert: the second follows when the first is acknowledged.
        (FrameHeader first, _) = await bench.NextAsync(FrameType.Chunk);
        await bench.Kit.SettleAsync(waitForTasks: true);
        Assert.Equal(large[0], first.Chunk);
        bench.Say(connection, FrameType.Ack, new AckBody([first.Chunk.Value]).ToArray());
        Assert.Equal(large[1], (await bench.NextAsync(FrameType.Chunk)).Header.Chunk);
    }

    [Theory]
    [Trait("row", "N15")]
    [InlineData(HelloFeatures.SparseFiles, true)]
    [InlineData(HelloFeatures.None, false)]
    [Trait("row", "N15")]
    public async Task N15_SparseFile_GoesOnlyToAPeerThatKnowsThem(HelloFeatures features, bool goes)
    {
        await using SessionBench bench = SessionBench.Create(OnePage);
        bench.PeerFeatures = features;
        using (FileStream file = File.Create(Path.Combine(bench.SourceFolder, "sparse")))
        {
            file.SetLength(64L * Manifests.MiB);
        }

        await bench.OpenAsync();
        await GreetAsync(bench);
        if (goes)
        {
            (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
            Assert.SkipWhen(plan.ChunkCount > 2, "this file system does not tell holes");
            Assert.NotEmpty(page.Entries.Single(entry => entry.Path.ToString() == "tree/sparse").Holes);
            return;
        }

        await bench.RestAsync();
        SessionEnded ended = bench.Told().OfType<SessionEnded>().Last();
        Assert.Equal((SessionEnd.Failed, Reason.VersionMismatch), (ended.End, ended.Problem?.Reason));
        Assert.Contains("sparse files", ended.Problem!.Detail, StringComparison.Ordinal);
    }

    private static void SayEarly(SessionBench bench, ConnectionHandle connection, uint page) => bench.Say(
        connection, FrameType.Nack, new NackBody(NackReason.NotReady, "too early", default, default).ToArray(), NackBody.NoChunk.Value, page);

    private static async Task<int> RootsAsync(SessionBench bench, FrameRecorder recorder, int files)
    {
        int told = 0;
        while (told < files)
        {
            (_, byte[] body) = await bench.NextAsync(FrameType.FileDone, recorder);
            Assert.True(FileDoneBody.TryRead(body, out FileDoneBody? done));
            told += done.Files.Count;
        }

        return told;
    }

    private static async Task<ConnectionHandle> GreetAsync(SessionBench bench)
    {
        ConnectionHandle connection = await bench.JoinAsync();
        bench.Say(connection, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        bench.Say(connection, FrameType.Credit, new CreditBody(64 * Manifests.MiB).ToArray());
        return connection;
    }

    private static void Grow(SessionBench bench, string name, long size)
    {
        using FileStream file = File.Create(Path.Combine(bench.SourceFolder, name));
        file.Write(new byte[size]); // bytes that are stored: holes would not be sent
    }

    // A page holds 1 MiB or 4,096 entries; links with long targets fill one with few.
    private static void Fill(SessionBench bench, int pages)
    {
        string target = new('x', 4_000);
        for (int i = 0; i < ((pages - 1) * 270) + 10; i++)
        {
            File.CreateSymbolicLink(Path.Combine(bench.SourceFolder, $"link-{i:d5}"), target);
        }
    }
}
