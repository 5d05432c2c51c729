using System.Collections.Concurrent;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;
using ClusterTransfer.TestKit.Proxy;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Frames that arrive otherwise than they were sent, inside the TLS of two real nodes.</summary>
public sealed class DamageTests
{
    private const int ConnectionEndedEvent = 6002;

    private static readonly ClusterSetup Proxied = new() { WithProxy = true };

    [Fact]
    [Trait("row", "N6")]
    public async Task Chunk_DamagedOnce_IsRefusedAndSentAgain()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 5 * Cluster.ChunkSize);
        int damaged = 0;
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.IsChunk && frame.Header.Chunk.Value == 2 && Interlocked.Exchange(ref damaged, 1) == 0)
            {
                frame.FlipBody();
            }

            return new(FrameFate.Forward);
        };

        TransferResource done = await cluster.CopyAsync("src:file", "dst:");

        Assert.Equal((TransferState.Completed, 0, 1L, 1), (done.State, done.ExitCode, done.Progress.ChunksRetried, done.Sessions));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        List<TransferEvent> story = await cluster.StoryAsync(done.Id);
        Assert.Contains("Chunk 2 ", Assert.Single(story, item => item.Kind == "chunk-refused").Text, StringComparison.Ordinal);
        Assert.Contains("Chunk 2 ", Assert.Single(story, item => item.Kind == "chunk-retried").Text, StringComparison.Ordinal);
    }

    // Also where each damaged copy closes its connection: the refusal comes first, so each counts.
    [Theory]
    [Trait("row", "N6")]
    [InlineData(3)]
    [InlineData(1)]
    public async Task Chunk_DamagedAlways_IsParkedWithEvidence(int badChunkLimit)
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied with
        {
            Alpha = options => options with { Transfers = options.Transfers with { BadChunkLimit = badChunkLimit } },
        });
        Files.Write(Path.Combine(cluster.Source, "file"), 5 * Cluster.ChunkSize);
        int sent = 0;
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.IsChunk && frame.Header.Chunk.Value == 3)
            {
                Interlocked.Increment(ref sent);
                frame.FlipBody();
            }

            return new(FrameFate.Forward);
        };

        TransferResource done = await cluster.CopyAsync("src:file", "dst:in");

        Assert.Equal((TransferState.Failed, 6, Reason.ChunkCorrupt), (done.State, done.ExitCode, done.Problem!.Reason));
        FileIssue issue = Assert.Single(done.Issues);
        ParkedChunk evidence = Assert.IsType<ParkedChunk>(issue.Chunk);
        Assert.Equal(("file", FileState.Parked), (issue.Path, issue.State));
        Assert.Equal((3u, 3L * Cluster.ChunkSize, 8, "beta"), (evidence.Index, evidence.FileOffset, evidence.Attempts, evidence.Peer));
        Assert.NotEqual(evidence.Expected, evidence.Actual);
        Assert.Equal(8, sent);
        Assert.Empty(Files.Names(cluster.Target).Except(["in"]));
        Assert.Single(Files.Staged(cluster.Target));   // what arrived well is kept for a retry
    }

    [Fact]
    public async Task Chunk_OfATreeDamagedAlways_CostsOnlyItsFiles()
    {
        // Arrange: entry 0 is the tree, entry 1 the first large file.
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "a-large"), 2 * Cluster.ChunkSize, seed: 1);
        Files.Write(Path.Combine(tree, "b-large"), 2 * Cluster.ChunkSize, seed: 2);
        Files.Write(Path.Combine(tree, "c-small"), 10, seed: 3);
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.IsChunk && frame.Header.Entry.Value == 1)
            {
                frame.FlipBody();
            }

            return new(FrameFate.Forward);
        };

        // Act
        TransferResource done = await cluster.CopyAsync("src:tree", "dst:");

        // Assert
        Assert.Equal((TransferState.Partial, 4, Reason.PartlyDelivered), (done.State, done.ExitCode, done.Problem!.Reason));
        Assert.Equal((2L, 1L), (done.Progress.FilesPublished, done.Progress.FilesParked));
        FileIssue issue = Assert.Single(done.Issues);
        Assert.Equal(("tree/a-large", Reason.ChunkCorrupt), (issue.Path, issue.Problem.Reason));
        Assert.NotNull(issue.Chunk);
        Assert.Equal(["tree", "tree/b-large", "tree/c-small"], Files.Names(cluster.Target));
        Assert.Single(Files.Staged(cluster.Target));
        Files.AssertEqual(Path.Combine(tree, "b-large"), Path.Combine(cluster.Target, "tree", "b-large"));
    }

    [Fact]
    [Trait("row", "N6")]
    public async Task Pack_DamagedAlways_ParksEachOfItsFiles()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "one"), 10);
        Files.Write(Path.Combine(tree, "three"), 2 * Cluster.ChunkSize);
        Files.Write(Path.Combine(tree, "two"), 20);
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.IsChunk && frame.Header.Flags.HasFlag(FrameFlags.Packed))
            {
                frame.FlipBody();
            }

            return new(FrameFate.Forward);
        };

        TransferResource done = await cluster.CopyAsync("src:tree", "dst:");

        Assert.Equal((TransferState.Partial, 4), (done.State, done.ExitCode));
        Assert.Equal(["tree/one", "tree/two"], done.Issues.Select(issue => issue.Path).Order(StringComparer.Ordinal));
        Assert.All(done.Issues, issue => Assert.NotNull(issue.Chunk));
        Assert.Equal(["tree", "tree/three"], Files.Names(cluster.Target));
    }

    [Fact]
    [Trait("row", "N6")]
    public async Task FileDigest_Damaged_PublishesNothing()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        Files.Write(Path.Combine(cluster.Source, "file"), 3 * Cluster.ChunkSize);
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.Header.Type == FrameType.FileDone && frame.Direction == FrameDirection.FromDialler)
            {
                frame.FlipBody();
            }

            return new(FrameFate.Forward);
        };

        TransferResource done = await cluster.CopyAsync("src:file", "dst:");

        Assert.Equal((TransferState.Failed, 6, Reason.IntegrityFailure), (done.State, done.ExitCode, done.Problem!.Reason));
        Assert.Contains("file", done.Problem.Detail, StringComparison.Ordinal);
        Assert.Empty(Files.Names(cluster.Target));
    }

    [Fact]
    [Trait("row", "N7")]
    public async Task Chunks_EachTwice_AreHarmless()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "large"), 6 * Cluster.ChunkSize);
        Files.Write(Path.Combine(tree, "small"), 10);
        cluster.Proxy.Script = (frame, _) => new(frame.IsChunk ? FrameFate.Twice : FrameFate.Forward);

        TransferResource done = await cluster.CopyAsync("src:tree", "dst:");

        Assert.Equal((TransferState.Completed, 0L, 1), (done.State, done.Progress.ChunksRetried, done.Sessions));
        Assert.Equal((6 * Cluster.ChunkSize) + 10, done.Progress.BytesPublished);
        Files.AssertEqual(Path.Combine(tree, "large"), Path.Combine(cluster.Target, "tree", "large"));
    }

    [Fact]
    [Trait("row", "N7")]
    public async Task Frames_OtherThanProofsTwice_AreHarmless()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "large"), 6 * Cluster.ChunkSize);
        Files.Write(Path.Combine(tree, "small"), 10);
        cluster.Proxy.Script = (frame, _) => new(frame.Header.Type is FrameType.Hello or FrameType.Goodbye ? FrameFate.Forward : FrameFate.Twice);

        TransferResource done = await cluster.CopyAsync("src:tree", "dst:");

        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Files.AssertEqual(Path.Combine(tree, "large"), Path.Combine(cluster.Target, "tree", "large"));
    }

    [Fact]
    [Trait("row", "N7")]
    public async Task Chunks_InAnotherOrder_AreHarmless()
    {
        // Over one connection, each chunk that comes first, third, ... changes places with the one behind it.
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 8 * Cluster.ChunkSize);
        int chunks = 0;
        cluster.Proxy.Script = (frame, _) => new(frame.IsChunk && Interlocked.Increment(ref chunks) % 2 == 1 ? FrameFate.AfterNext : FrameFate.Forward);

        TransferResource done = await cluster.CopyAsync("src:file", "dst:", connections: 1);

        Assert.Equal((TransferState.Completed, 0L), (done.State, done.Progress.ChunksRetried));
        Assert.Equal(8, chunks);
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
    }

    [Fact]
    [Trait("row", "N7")]
    public async Task Pages_InAnotherOrder_AreAskedForAgain()
    {
        // Links with long targets fill pages with few entries. The first page changes places with the second one, as over two connections.
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "file"), 10);
        for (int i = 0; i < 600; i++)
        {
            File.CreateSymbolicLink(Path.Combine(tree, $"link-{i:d4}"), new string('x', 4_000));
        }

        int pages = 0;
        cluster.Proxy.Script = (frame, _) => new(
            frame.Header.Type == FrameType.ManifestPage && Interlocked.Increment(ref pages) == 1 ? FrameFate.AfterNext : FrameFate.Forward);

        TransferResource done = await cluster.CopyAsync("src:tree", "dst:", connections: 1);

        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Assert.True(pages > 3);
        Assert.Equal(602, Files.Names(cluster.Target).Length);
    }

    [Fact]
    [Trait("row", "N6")]
    public async Task Header_Damaged_EndsThatConnectionOnly()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 12 * Cluster.ChunkSize);
        var joined = new Joined(4);
        int damaged = 0;
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            await joined.PassAsync(frame, cancellationToken);
            if (frame.IsChunk && Interlocked.Exchange(ref damaged, frame.Connection.Number) == 0)
            {
                frame.FlipHeader();
            }

            return FrameFate.Forward;
        };

        TransferResource done = await cluster.CopyAsync("src:file", "dst:", connections: 4);

        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        Assert.True(done.Progress.ChunksRetried >= 1);
        Assert.Single(await cluster.StoryAsync(done.Id), item => item.Kind == "connection-lost" && item.Text.Contains("to beta", StringComparison.Ordinal));
        Assert.Contains(cluster.BetaLogs.LinesOf(ConnectionEndedEvent), line => line.Contains("BadChecksum", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("row", "N1")]
    public async Task Connection_OneOfFourReset_TheOthersGoOn()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 12 * Cluster.ChunkSize);
        var joined = new Joined(4);
        int reset = 0;
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            await joined.PassAsync(frame, cancellationToken);
            return frame.IsChunk && Interlocked.Exchange(ref reset, 1) == 0 ? FrameFate.Reset : FrameFate.Forward;
        };

        TransferResource done = await cluster.CopyAsync("src:file", "dst:", connections: 4);

        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        Assert.True(done.Progress.ChunksRetried >= 1);
    }

    [Theory]
    [Trait("row", "N1")]
    [InlineData(1)]
    [InlineData(8)]
    public async Task Connections_OfEightCutInsideAFrame_WhatWasOnThemGoesOnceMore(int cut)
    {
        // Arrange: all eight carry a chunk; then so many of them break in the middle of it, each at another byte.
        const int All = 8;
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 24 * Cluster.ChunkSize);
        var joined = new Joined(All);
        var busy = new Gate();
        var carried = new ConcurrentDictionary<uint, ConcurrentQueue<int>>();
        var firsts = new ConcurrentDictionary<int, uint>();
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            await joined.PassAsync(frame, cancellationToken);
            if (!frame.IsChunk)
            {
                return FrameFate.Forward;
            }

            int number = frame.Connection.Number;
            carried.GetOrAdd(frame.Header.Chunk.Value, _ => []).Enqueue(number);
            if (number > All || !firsts.TryAdd(number, frame.Header.Chunk.Value))
            {
                return FrameFate.Forward;
            }

            if (firsts.Count == All)
            {
                busy.Open();
            }

            await busy.PassAsync(cancellationToken);
            frame.CutAt = new Random(number).Next(frame.Bytes.Length);
            return number <= cut ? FrameFate.Cut : FrameFate.Forward;
        };

        // Act
        TransferResource done = await cluster.CopyAsync("src:file", "dst:", connections: All);

        // Assert: what was on those that broke went once more, what was on the others once.
        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        Assert.Equal(24, carried.Count);
        Assert.All(carried, chunk => Assert.Equal(chunk.Value.First() <= cut ? 2 : 1, chunk.Value.Count));
        Assert.Equal(cut == All, cluster.Proxy.Connections.Count >= 2 * All);
    }

    [Fact]
    [Trait("row", "N5")]
    public async Task Ciphertext_WithBitsFlipped_CostsConnectionsAndNothingElse()
    {
        // Arrange: one bit in each of the first four connections, on the wire.
        await using var relay = new FlippingRelay(connections: 4, flipAt: 100_000);
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup
        {
            Beta = options => options with { Data = options.Data with { Advertise = [relay.Address] } },
        });
        relay.Target = cluster.Beta.DataEndPoint;
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 12 * Cluster.ChunkSize);

        // Act
        TransferResource done = await cluster.CopyAsync("src:file", "dst:", connections: 4);

        // Assert: TLS finds it, before any frame is made of it.
        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        Assert.InRange(relay.Flipped, 1, 4);
        List<TransferEvent> story = await cluster.StoryAsync(done.Id);
        Assert.Contains(story, item => item.Kind == "connection-lost");
        Assert.DoesNotContain(story, item => item.Kind is "chunk-refused" or "chunk-parked");
    }

    [Fact]
    [Trait("row", "N1")]
    public async Task Connections_AllReset_AreDialledAgainWithinTheSession()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 12 * Cluster.ChunkSize);
        int chunks = 0;
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.IsChunk && Interlocked.Increment(ref chunks) == 5)
            {
                foreach (ProxiedConnection connection in cluster.Proxy.Connections)
                {
                    connection.Reset();
                }
            }

            return new(FrameFate.Forward);
        };

        TransferResource done = await cluster.CopyAsync("src:file", "dst:", connections: 4);

        Assert.Equal((TransferState.Completed, 1, "1.1"), (done.State, done.Sessions, done.Epoch));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        Assert.True(cluster.Proxy.Connections.Count > 4);
    }

    [Fact]
    [Trait("row", "N1")]
    public async Task Connections_ResetBeforeAnyAnswer_AreDialledAgainWithinTheSession()
    {
        // The first page is lost with its connection, so is the answer to it, then the seal: each goes over another connection.
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 3 * Cluster.ChunkSize);
        var lost = new HashSet<FrameType>();
        cluster.Proxy.Script = (frame, _) =>
        {
            lock (lost)
            {
                bool first = frame.Header.Type is FrameType.ManifestPage or FrameType.ManifestSeal or FrameType.FileDone or FrameType.Ack && lost.Add(frame.Header.Type);
                return new(first ? FrameFate.Reset : FrameFate.Forward);
            }
        };

        TransferResource done = await cluster.CopyAsync("src:file", "dst:", connections: 1);

        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Assert.Equal(4, lost.Count);
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
    }

    [Fact]
    public async Task Chunk_Swallowed_IsSentOverAnotherConnection()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied with
        {
            Alpha = options => options with { DataPlane = options.DataPlane with { AckTimeout = TimeSpan.FromMilliseconds(150), AckRepeats = 2 } },
        });
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 4 * Cluster.ChunkSize);
        int dropped = 0;
        cluster.Proxy.Script = (frame, _) => new(frame.IsChunk && Interlocked.Exchange(ref dropped, 1) == 0 ? FrameFate.Drop : FrameFate.Forward);

        TransferResource done = await cluster.CopyAsync("src:file", "dst:");

        Assert.Equal((TransferState.Completed, 1), (done.State, done.Sessions));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        Assert.Contains(await cluster.StoryAsync(done.Id), item => item.Kind == "ack-overdue");
    }
}
