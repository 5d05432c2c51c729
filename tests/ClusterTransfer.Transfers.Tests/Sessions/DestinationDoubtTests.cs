using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;
using SessionRole = ClusterTransfer.Model.Control.SessionRole;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>A destination whose process did not run for a while: it may have a successor, at another node too.</summary>
[Trait("row", "P5")]
public sealed class DestinationDoubtTests
{
    private static readonly byte[] Large = new byte[Manifests.MiB];
    private static readonly byte[] Small = [1, 2, 3];

    // A file with a chunk of its own, and one in a pack.
    private static readonly ManifestPage Page = new(
        0, 0, 0, Manifests.MiB, default,
        [
            new ManifestEntry(EntryKind.Folder, Manifests.Path("tree"), 0, 0x1ed, 0, default, default),
            Manifests.Entry("tree/large", Large.Length),
            Manifests.Entry("tree/small", Small.Length),
        ]);

    [Fact]
    public async Task Files_AfterAGap_GetTheirNamesOnlyWhenTheCoordinatorHasConfirmedTheSession()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await SendPageAsync(bench, connection);
        bench.Told();

        bench.Sleep();
        await SendFilesAsync(bench, connection);

        Assert.False(Directory.Exists(bench.ResultFolder));
        Assert.Equal([1], AskedAbout(bench));
        Assert.Single(bench.Noted("publication-held"));

        // It asks until it is answered, and its session goes on meanwhile.
        await PassAsync(bench);
        Assert.NotEmpty(AskedAbout(bench));
        await bench.CommandAsync(Confirmed(1));

        Assert.Equal(["large", "small"], Names(bench));
        await PassAsync(bench);
        Assert.Empty(AskedAbout(bench));
        Assert.Single(bench.Noted("publication-held"));
        SealManifest(bench, connection);
        await PassAsync(bench);
        Assert.Equal(SessionEnd.Completed, bench.Told().OfType<SessionEnded>().First().End);
    }

    [Fact]
    public async Task Files_AfterTwoGaps_AreNotFreedByTheAnswerToTheFirst()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await SendPageAsync(bench, connection);
        bench.Sleep();
        await SendFilesAsync(bench, connection);

        bench.Sleep();
        await bench.CommandAsync(Confirmed(1));
        await PassAsync(bench);

        Assert.False(Directory.Exists(bench.ResultFolder));
        Assert.Equal(2, AskedAbout(bench)[^1]);
        await bench.CommandAsync(Confirmed(2));
        Assert.Equal(["large", "small"], Names(bench));
    }

    // Links, and modes and times of folders, come when all files have their outcome.
    [Fact]
    public async Task End_AfterAGap_WaitsForTheConfirmation()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await SendPageAsync(bench, connection);
        await SendFilesAsync(bench, connection);
        Assert.Equal(["large", "small"], Names(bench));
        DateTime before = Directory.GetLastWriteTimeUtc(bench.ResultFolder);

        bench.Sleep();
        SealManifest(bench, connection);
        await PassAsync(bench);
        await PassAsync(bench);

        Assert.Equal(before, Directory.GetLastWriteTimeUtc(bench.ResultFolder));
        Assert.Empty(bench.Told().OfType<SessionEnded>());
        await bench.CommandAsync(Confirmed(1));
        await PassAsync(bench);
        Assert.Equal(DateTime.UnixEpoch, Directory.GetLastWriteTimeUtc(bench.ResultFolder));
        Assert.Equal(SessionEnd.Completed, bench.Told().OfType<SessionEnded>().First().End);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Session_ThatIsOver_EndsWithoutHavingPublished(bool hasTransferEnded)
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await SendPageAsync(bench, connection);
        bench.Sleep();
        await SendFilesAsync(bench, connection);

        await bench.CommandAsync(new OutcomeRecorded(Samples.Id, new Epoch(1, 1), SessionRole.Destination) { TransferEnded = hasTransferEnded, Keep = true });

        await PassAsync(bench);
        bench.Told();
        await PassAsync(bench);
        Assert.Empty(bench.Told());
        Assert.False(Directory.Exists(bench.ResultFolder));

        // What it had is there for the next session, should one come here.
        await bench.CommandAsync(SessionsBench.Open(SessionRole.Destination, 2));
        await bench.CommandAsync(Confirmed(1) with { Epoch = new Epoch(1, 2) });
        Assert.Equal(new Epoch(1, 2), Assert.Single(bench.Told().OfType<SessionOpened>()).Epoch);
        await PassAsync(bench);
        Assert.Equal(["large", "small"], Names(bench));
    }

    // It can be as old as the gap, and what an earlier session had verified is published when a transfer is opened.
    [Fact]
    public async Task Command_AfterAGap_OpensNothingBeforeItIsConfirmed()
    {
        await using var bench = new SessionsBench();
        LeaveVerified(bench);
        bench.Sleep();

        await bench.SendAsync(SessionsBench.Open(SessionRole.Destination, 2));
        Assert.Equal(1, bench.ToldOnce<SessionDoubted>().Gap);
        await bench.SendAsync(SessionsBench.Open(SessionRole.Destination, 2));
        Assert.Empty(bench.Told());
        bench.Kit.Time.Advance(bench.Services.Options.ProgressInterval);
        await bench.RestAsync();
        Assert.Single(bench.Told().OfType<SessionDoubted>());
        Assert.False(Directory.Exists(bench.ResultFolder));

        await bench.SendAsync(Confirmed(1));
        Assert.Empty(bench.Told());
        await bench.SendAsync(Confirmed(1) with { Epoch = new Epoch(1, 2) });

        Assert.Equal(new Epoch(1, 2), bench.ToldOnce<SessionOpened>().Epoch);
        Assert.True(File.Exists(Path.Combine(bench.ResultFolder, "small")));
    }

    [Fact]
    public async Task Cancel_AfterAGap_OfWhatAnEarlierRunLeft_IsDoneOnceItIsConfirmed()
    {
        await using var bench = new SessionsBench();
        LeaveVerified(bench);
        bench.Sleep();

        await bench.SendAsync(SessionsBench.Cancel(2));

        SessionDoubted asked = bench.ToldOnce<SessionDoubted>();
        Assert.Equal((1, new Epoch(1, 2)), (asked.Gap, asked.Epoch));
        Assert.False(Directory.Exists(bench.ResultFolder));
        await bench.SendAsync(Confirmed(1) with { Epoch = new Epoch(1, 2) });
        await bench.SendAsync(SessionsBench.Cancel(2));
        Assert.Equal(SessionEnd.Cancelled, bench.ToldOnce<SessionEnded>().End);
    }

    // Each run counts its gaps from the start, and a cancel is asked under one epoch whichever run of the node is there: an answer that was long on its way fits all but the one question.
    [Fact]
    public async Task Cancel_AfterAGap_IsNotConfirmedByTheAnswerToAnotherQuestion()
    {
        await using var bench = new SessionsBench();
        LeaveVerified(bench);
        bench.Sleep();
        await bench.SendAsync(SessionsBench.Cancel(2));
        SessionDoubted asked = bench.ToldOnce<SessionDoubted>();
        Assert.Equal(SessionsBench.Self, asked.Incarnation);
        SessionConfirmed right = Confirmed(1) with { Epoch = new Epoch(1, 2) };

        foreach (SessionConfirmed wrong in new[]
        {
            right with { Incarnation = Samples.Run(2) },
            right with { Incarnation = default },
            right with { Epoch = new Epoch(1, 1) },
            right with { Role = SessionRole.Source },
            right with { Gap = 0 },
        })
        {
            await bench.SendAsync(wrong);
            await bench.SendAsync(SessionsBench.Cancel(2));
            Assert.Equal(asked, bench.ToldOnce<SessionDoubted>());
        }

        await bench.SendAsync(right);
        await bench.SendAsync(SessionsBench.Cancel(2));
        Assert.Equal(SessionEnd.Cancelled, bench.ToldOnce<SessionEnded>().End);
    }

    // Between the two the transfer may have been taken up again, and given to another node.
    [Fact]
    public async Task Cancel_ConfirmedUnderAnEarlierEpoch_IsAskedAboutAnew()
    {
        await using var bench = new SessionsBench();
        LeaveVerified(bench);
        bench.Sleep();
        await bench.SendAsync(SessionsBench.Cancel(2));
        bench.Told();
        await bench.SendAsync(Confirmed(1) with { Epoch = new Epoch(1, 2) });

        await bench.SendAsync(SessionsBench.Cancel(3));

        SessionDoubted asked = bench.ToldOnce<SessionDoubted>();
        Assert.Equal((1, new Epoch(1, 3)), (asked.Gap, asked.Epoch));
        await bench.SendAsync(Confirmed(1) with { Epoch = new Epoch(1, 3) });
        await bench.SendAsync(SessionsBench.Cancel(3));
        Assert.Equal(SessionEnd.Cancelled, bench.ToldOnce<SessionEnded>().End);
    }

    [Fact]
    public async Task Files_AfterAGap_AreNotFreedByTheAnswerToAnotherRun()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await SendPageAsync(bench, connection);
        bench.Told();
        bench.Sleep();
        await SendFilesAsync(bench, connection);
        Assert.All(bench.Told().OfType<SessionDoubted>(), asked => Assert.Equal(SessionsBench.Self, asked.Incarnation));

        await bench.CommandAsync(Confirmed(1) with { Incarnation = Samples.Run(2) });
        await PassAsync(bench);

        Assert.False(Directory.Exists(bench.ResultFolder));
        await bench.CommandAsync(Confirmed(1));
        Assert.Equal(["large", "small"], Names(bench));
    }

    // What is asked of the disk before the cancel may still run when the confirmation comes that was sent behind it.
    [Fact]
    public async Task Cancel_ConfirmedRightAfterIt_PublishesNothing()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await SendPageAsync(bench, connection);
        bench.Sleep();
        await SendFilesAsync(bench, connection);
        using var released = new ManualResetEventSlim();
        bench.HoldSteps(released);
        bench.Tell(DestinationProtocol.StepDone.Instance, bench.ConnectionActor.Ref); // asks for a publication

        bench.Stop(StopIntent.Cancel);
        bench.Tell(new SessionProtocol.Confirmed(1), bench.ConnectionActor.Ref);
        released.Set();
        await PassAsync(bench);

        Assert.Equal(SessionEnd.Cancelled, bench.Told().OfType<SessionEnded>().First().End);
        Assert.False(Directory.Exists(bench.ResultFolder));
    }

    [Fact]
    public async Task Cancel_OfASessionThatHasNotOpenedForDoubt_PublishesNothing()
    {
        await using var bench = new SessionsBench();
        LeaveVerified(bench);
        bench.Sleep();
        await bench.SendAsync(SessionsBench.Open(SessionRole.Destination, 2));

        await bench.SendAsync(SessionsBench.Cancel(2));
        await bench.SendAsync(Confirmed(1) with { Epoch = new Epoch(1, 2) });

        Assert.Equal(SessionEnd.Cancelled, bench.Told().OfType<SessionEnded>().First().End);
        Assert.False(Directory.Exists(bench.ResultFolder));
    }

    // All files are in place and the end was held: completed is only what has its folders, links, modes and times too.
    [Fact]
    public async Task Cancel_OfWhatAnEarlierRunHadAllFilesOf_CompletesItFirst()
    {
        await using var bench = new SessionsBench();
        var page = new ManifestPage(
            0, 0, 0, Manifests.MiB, default, [new ManifestEntry(EntryKind.Folder, Manifests.Path("tree"), 0, 0x1ed, 0, default, default), Manifests.Entry("tree/small", Small.Length)]);
        using (IncomingTransfer earlier = IncomingTransfer.Open(
            bench.Services.Locations.Get(new LocationName("dst")), Samples.Request.Destination.Path, Samples.Id, new Epoch(1, 1), new IncomingOptions(), TimeProvider.System))
        {
            Assert.Null(earlier.AcceptPage(ManifestCodec.Encode(page)).Problem);
            earlier.AcceptSeal(new ManifestSeal(1, 2, 1, 1, Small.Length, ManifestCodec.HashOf(ManifestCodec.Encode(page))));
            earlier.WriteChunk(new ChunkIndex(0), PackDigest.Compute([new PackMemberDigest(new EntryIndex(1), Small.Length, Blake3.Hash(Small))]), [], Small);
            earlier.Close();
            Assert.True(earlier.IsComplete);
        }

        Assert.NotEqual(DateTime.UnixEpoch, Directory.GetLastWriteTimeUtc(bench.ResultFolder));

        await bench.SendAsync(SessionsBench.Cancel(2));

        Assert.Equal(SessionEnd.Completed, bench.ToldOnce<SessionEnded>().End);
        Assert.Equal(DateTime.UnixEpoch, Directory.GetLastWriteTimeUtc(bench.ResultFolder));
    }

    // Each page would let more files wait.
    [Fact]
    public async Task Page_InDoubt_WaitsAndIsForgottenWithItsConnection()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle lost = await bench.JoinAsync();
        var other = new FrameRecorder();
        ConnectionHandle kept = await bench.JoinAsync(other);
        bench.Sleep();
        bench.Say(lost, FrameType.ManifestPage, ManifestCodec.Encode(Page));
        bench.Leave(lost);
        bench.Say(kept, FrameType.ManifestPage, ManifestCodec.Encode(Page));
        await PassAsync(bench);
        Assert.Equal(0, PagesAccepted(bench));

        await bench.CommandAsync(Confirmed(1));

        Assert.Equal(0, await AnsweredAsync(bench, other));
        Assert.Equal(1, PagesAccepted(bench));
    }

    [Fact]
    public async Task Hub_ThatIsAway_KeepsNobodyFromPublishingWhileTheProcessRuns()
    {
        await using SessionBench bench = await OpenAsync();
        ConnectionHandle connection = await bench.JoinAsync();
        await SendPageAsync(bench, connection);
        for (int i = 0; i < 100; i++)
        {
            await PassAsync(bench);
        }

        await SendFilesAsync(bench, connection);

        Assert.Equal(["large", "small"], Names(bench));
        Assert.Empty(AskedAbout(bench));
    }

    private static async Task<SessionBench> OpenAsync()
    {
        SessionBench bench = SessionBench.Create(new SessionOptions(), SessionRole.Destination);
        await bench.OpenAsync();
        return bench;
    }

    private static async Task SendPageAsync(SessionBench bench, ConnectionHandle connection)
    {
        bench.Say(connection, FrameType.ManifestPage, ManifestCodec.Encode(Page));
        Assert.Equal(0, await AnsweredAsync(bench, bench.AtPeer));
    }

    private static async Task SendFilesAsync(SessionBench bench, ConnectionHandle connection)
    {
        var plan = new PagePlan(Page);
        for (uint i = 0; i < plan.ChunkCount; i++)
        {
            PlannedChunk chunk = plan.At(new ChunkIndex(i));
            if (chunk.IsPacked)
            {
                await bench.SendChunkAsync(connection, i, PackDigest.Compute([new PackMemberDigest(new EntryIndex(2), Small.Length, Blake3.Hash(Small))]), Small, packed: true);
            }
            else
            {
                await bench.SendChunkAsync(connection, i, Blake3.Hash(Large), Large);
            }

            await bench.NextAsync(FrameType.Ack);
        }

        bench.Say(connection, FrameType.FileDone, new FileDoneBody([(new EntryIndex(1), Blake3.Hash(Large))]).ToArray());
        await PassAsync(bench);
    }

    private static void SealManifest(SessionBench bench, ConnectionHandle connection)
    {
        var plan = new PagePlan(Page);
        bench.Say(connection, FrameType.ManifestSeal, new ManifestSealBody(new ManifestSeal(
            1, Page.Entries.Count, 2, (uint)plan.ChunkCount, Large.Length + Small.Length, ManifestCodec.HashOf(ManifestCodec.Encode(Page)))).ToArray());
    }

    // Long enough for a checkpoint and a report.
    private static async Task PassAsync(SessionBench bench)
    {
        bench.Kit.Time.Advance(TimeSpan.FromSeconds(1));
        await bench.RestAsync();
        await bench.RestAsync();
    }

    private static int[] AskedAbout(SessionBench bench) => [.. bench.Told().OfType<SessionDoubted>().Select(doubted => doubted.Gap).Distinct()];

    private static SessionConfirmed Confirmed(int gap) =>
        new(Samples.Id, new Epoch(1, 1), SessionRole.Destination, gap) { Incarnation = SessionsBench.Self };

    private static IEnumerable<string?> Names(SessionBench bench) => Directory.EnumerateFiles(bench.ResultFolder).Select(Path.GetFileName).Order();

    // A session of an earlier run that ended after the journal and before the rename.
    private static void LeaveVerified(SessionsBench bench)
    {
        using IncomingTransfer earlier = IncomingTransfer.Open(
            bench.Services.Locations.Get(new LocationName("dst")), Samples.Request.Destination.Path, Samples.Id, new Epoch(1, 1),
            new IncomingOptions { MayPublish = () => false }, TimeProvider.System);
        Assert.Null(earlier.AcceptPage(ManifestCodec.Encode(Page)).Problem);
        var plan = new PagePlan(Page);
        PlannedChunk pack = Enumerable.Range(0, plan.ChunkCount).Select(i => plan.At(new ChunkIndex((uint)i))).Single(chunk => chunk.IsPacked);
        earlier.WriteChunk(pack.Index, PackDigest.Compute([new PackMemberDigest(new EntryIndex(2), Small.Length, Blake3.Hash(Small))]), [], Small);
        earlier.Close();
    }

    private static int PagesAccepted(SessionBench bench) => IncomingTransfer.TryReadOutcome(bench.Destination, Samples.Id)?.PagesAccepted ?? 0;

    private static async Task<int> AnsweredAsync(SessionBench bench, FrameRecorder recorder)
    {
        while (true)
        {
            (_, byte[] body) = await bench.NextAsync(FrameType.HaveBits, recorder);
            Assert.True(HaveBitsBody.TryRead(body, out HaveBitsBody? have));
            if (!have.IsPagesAccepted)
            {
                return have.Page;
            }
        }
    }
}
