using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;
using ClusterTransfer.TestKit.Proxy;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>What happens to a transfer in the middle of it; the proxy holds it there.</summary>
public sealed class LifeTests
{
    private static readonly ClusterSetup Proxied = new() { WithProxy = true };

    [Fact]
    public async Task Cancel_InTheMiddle_LeavesNothingStaged()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "a"), 10);
        Files.Write(Path.Combine(tree, "b"), 6 * Cluster.ChunkSize);
        Gate gate = HoldChunks(cluster, after: 3);
        TransferResource submitted = await cluster.SubmitAsync("src:tree", "dst:");
        await gate.Reached;
        await cluster.EventAsync(submitted.Id, item => item.Transfer.Progress.BytesDurable > 0);

        await cluster.Client.CancelAsync(submitted.Id.Value);
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        Assert.Equal((TransferState.Cancelled, 11, DesiredState.Cancel), (done.State, done.ExitCode, done.Desired));
        Assert.DoesNotContain("tree/b", Files.Names(cluster.Target));
        await cluster.NothingStagedAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(cluster.Folder["alpha", "outgoing"]));
    }

    [Fact]
    public async Task Cancel_BeforeTheSourceHasOpened_EndsAtOnce()
    {
        // The source is in the cluster and never answers: the transfer cannot start.
        await using Cluster cluster = await Cluster.StartAsync();
        await using LyingSource silent = await LyingSource.JoinAsync(cluster);
        TransferResource submitted = await cluster.SubmitAsync("lies:file", "dst:in");

        await cluster.Client.CancelAsync(submitted.Id.Value);
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        Assert.Equal((TransferState.Cancelled, 11, null), (done.State, done.ExitCode, done.StartedAt));
        Assert.Empty(Files.Names(cluster.Target));
        await cluster.NothingStagedAsync();
    }

    [Fact]
    public async Task Cancel_AfterTheEnd_IsRefused()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "file"), 10);
        TransferResource done = await cluster.CopyAsync("src:file", "dst:");

        ClusterTransferApiException late = await Assert.ThrowsAsync<ClusterTransferApiException>(() => cluster.Client.CancelAsync(done.Id.Value));

        Assert.Equal((Reason.WrongState, 13), (late.Reason, late.ExitCode));
        Assert.Contains("Completed", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_WhileTheDestinationIsAway_EndsWhenItIsBack()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        Files.Write(Path.Combine(cluster.Source, "file"), 6 * Cluster.ChunkSize);
        Gate gate = HoldChunks(cluster, after: 3);
        TransferResource submitted = await cluster.SubmitAsync("src:file", "dst:");
        await gate.Reached;
        await cluster.StopBetaAsync();

        TransferResource asked = await cluster.Client.CancelAsync(submitted.Id.Value);
        Assert.Null(asked.ExitCode);
        gate.Open();
        await cluster.StartBetaAsync();
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        Assert.Equal((TransferState.Cancelled, 11), (done.State, done.ExitCode));
        Assert.Empty(Files.Names(cluster.Target));
        await cluster.NothingStagedAsync();
    }

    [Fact]
    public async Task Wait_ForLessThanItTakes_SaysThatItStillRuns()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        Files.Write(Path.Combine(cluster.Source, "file"), 2 * Cluster.ChunkSize);
        Gate gate = HoldChunks(cluster, after: 0);
        TransferResource submitted = await cluster.SubmitAsync("src:file", "dst:");
        await gate.Reached;

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => cluster.Client.WaitAsync(submitted.Id, timeout: TimeSpan.FromMilliseconds(100)));

        Assert.Equal((Reason.TimedOut, 10), (error.Reason, error.ExitCode));
        gate.Open();
        Assert.Equal(TransferState.Completed, (await cluster.EndOfAsync(submitted.Id)).State);
    }

    [Fact]
    [Trait("row", "P4")]
    public async Task Destination_RestartedInTheMiddle_GoesOnFromWhatIsDurable()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 8 * Cluster.ChunkSize);
        Gate gate = HoldChunks(cluster, after: 4);
        TransferResource submitted = await cluster.SubmitAsync("src:file", "dst:");
        await gate.Reached;
        await cluster.EventAsync(submitted.Id, item => item.Transfer.Progress.BytesDurable >= 4 * Cluster.ChunkSize);

        await cluster.StopBetaAsync();
        int sentAgain = 0;
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.IsChunk && frame.Header.Epoch > new Epoch(1, 1))
            {
                Interlocked.Increment(ref sentAgain);
            }

            return new(FrameFate.Forward);
        };
        gate.Open();
        await cluster.StartBetaAsync();
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        Assert.Equal((TransferState.Completed, 0), (done.State, done.ExitCode));
        Assert.True(done.Sessions >= 2, $"{done.Sessions} sessions");
        Assert.Equal(4, sentAgain);
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        await cluster.NothingStagedAsync();
    }

    [Fact]
    [Trait("row", "P4")]
    public async Task P4_NodeThatIsAskedToStopWhileBusy_RefusesNewWorkAndLosesNoneThatItAccepted()
    {
        // Arrange: beta receives, and is asked for more through its own API.
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        Files.Write(Path.Combine(cluster.Source, "file"), 8 * Cluster.ChunkSize);
        Gate gate = HoldChunks(cluster, after: 4);
        TransferResource busy = await cluster.SubmitAsync("src:file", "dst:");
        await gate.Reached;
        using ClusterTransferClient client = Cluster.ClientOf(cluster.Beta, cluster.BetaToken);

        // Act: until it refuses. What it said yes to meanwhile counts.
        Task stopping = cluster.StopBetaAsync();
        var accepted = new List<TransferId>();
        ClusterTransferApiException? refusal = null;
        while (refusal is null)
        {
            try
            {
                string name = $"more-{accepted.Count}";
                Files.Write(Path.Combine(cluster.Source, name), 10);
                accepted.Add((await client.SubmitAsync(new SubmitTransfer { Source = $"src:{name}", Destination = "dst:" }).WithinDeadline()).Id);
            }
            catch (ClusterTransferApiException error)
            {
                refusal = error;
            }
        }

        await stopping.WithinDeadline();

        // Assert: refused for a reason that says where to look, and so it stays.
        Assert.Equal(Reason.NodeUnreachable, refusal.Reason);
        Assert.Equal(
            Reason.NodeUnreachable,
            (await Assert.ThrowsAsync<ClusterTransferApiException>(() => client.SubmitAsync(new SubmitTransfer { Source = "src:file", Destination = "dst:in" }).WithinDeadline())).Reason);

        // The hub takes nothing for it either.
        ClusterTransferApiException atHub = await Assert.ThrowsAsync<ClusterTransferApiException>(() => cluster.SubmitAsync("src:file", "dst:in"));
        Assert.Equal(Reason.NodeUnreachable, atHub.Reason);
        Assert.Contains("'beta'", atHub.Message, StringComparison.Ordinal);
        gate.Open();
        await cluster.StartBetaAsync();
        TransferId[] known = [busy.Id, .. accepted];
        foreach (TransferId id in known)
        {
            Assert.Equal(TransferState.Completed, (await cluster.EndOfAsync(id)).State);
        }

        var listed = new List<TransferId>();
        await foreach (TransferResource transfer in cluster.Client.ListAsync())
        {
            listed.Add(transfer.Id);
        }

        Assert.Equivalent(known, listed, strict: true);
    }

    [Fact]
    [Trait("row", "P4")]
    public async Task Source_RestartedInTheMiddle_GoesOnFromWhatIsDurable()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxyBeforeAlpha = true });
        string source = Files.Write(Path.Combine(cluster.Target, "file"), 8 * Cluster.ChunkSize);
        Gate gate = HoldChunks(cluster, after: 4);
        TransferResource submitted = await cluster.SubmitAsync("dst:file", "src:");
        await gate.Reached;
        await cluster.EventAsync(submitted.Id, item => item.Transfer.Progress.BytesDurable >= 4 * Cluster.ChunkSize);

        await cluster.StopBetaAsync();
        gate.Open();
        await cluster.StartBetaAsync();
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        Assert.Equal((TransferState.Completed, 0), (done.State, done.ExitCode));
        Assert.True(done.Sessions >= 2, $"{done.Sessions} sessions");
        Files.AssertEqual(source, Path.Combine(cluster.Source, "file"));
    }

    [Fact]
    [Trait("row", "K3")]
    public async Task Source_ThatLostItsManifest_NeverDeliversOneFileUnderTheNameOfAnother()
    {
        // Arrange: half of a tree has arrived when the source goes. Its state folder is lost, and meanwhile the tree has changed:
        // the same sizes under other names, so that a new manifest would give the same chunks to other files.
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxyBeforeAlpha = true });
        string tree = Path.Combine(cluster.Target, "tree");
        string[] names = ["b", "c", "d", "e"];
        foreach (string name in names)
        {
            Files.Write(Path.Combine(tree, name), Cluster.ChunkSize, seed: name[0]);
        }

        Gate gate = HoldChunks(cluster, after: 2);
        TransferResource submitted = await cluster.SubmitAsync("dst:tree", "src:");
        await gate.Reached;
        await cluster.EventAsync(submitted.Id, item => item.Transfer.Progress.BytesDurable >= 2 * Cluster.ChunkSize);
        await cluster.StopBetaAsync();
        Directory.Delete(cluster.Folder["beta", "outgoing"], recursive: true);
        File.Delete(Path.Combine(tree, "e"));
        Files.Write(Path.Combine(tree, "a"), Cluster.ChunkSize, seed: 'a');

        // Act
        gate.Open();
        await cluster.StartBetaAsync();
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        // Assert
        Assert.NotEqual(0, done.ExitCode);
        Assert.All(names, name =>
        {
            string arrived = Path.Combine(cluster.Source, "tree", name);
            Assert.True(!File.Exists(arrived) || File.ReadAllBytes(arrived).SequenceEqual(Files.Bytes(Cluster.ChunkSize, seed: name[0])));
        });
    }

    [Fact]
    [Trait("row", "F1")]
    public async Task File_ChangedWhileItIsSent_FailsAndPublishesNothing()
    {
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 6 * Cluster.ChunkSize);
        Gate gate = HoldChunks(cluster, after: 0);
        TransferResource submitted = await cluster.SubmitAsync("src:file", "dst:", connections: 1);
        await gate.Reached;

        using (FileStream stream = File.OpenWrite(source))
        {
            stream.Position = 5 * Cluster.ChunkSize;
            stream.WriteByte(0xff);
        }

        gate.Open();
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        Assert.Equal((TransferState.Failed, 16, Reason.SourceChanged), (done.State, done.ExitCode, done.Problem!.Reason));
        Assert.Contains("'file'", done.Problem.Detail, StringComparison.Ordinal);
        Assert.Empty(Files.Names(cluster.Target));
    }

    [Fact]
    [Trait("row", "F1")]
    public async Task File_CutShortAfterItsLastChunkWasSent_FailsAndPublishesNothing()
    {
        // Every byte was read and has arrived; only the word that it was one unchanged file is missing.
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 3 * Cluster.ChunkSize);
        var gate = new Gate();
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.Header.Type is FrameType.Ack && frame.Direction == FrameDirection.FromAcceptor)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        TransferResource submitted = await cluster.SubmitAsync("src:file", "dst:");
        await cluster.EventAsync(submitted.Id, item => item.Transfer.Progress.BytesDurable == 3 * Cluster.ChunkSize);

        File.WriteAllBytes(source, Files.Bytes(Cluster.ChunkSize));
        gate.Open();
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        Assert.Equal((TransferState.Failed, 16), (done.State, done.ExitCode));
        Assert.Empty(Files.Names(cluster.Target));
    }

    [Fact]
    [Trait("row", "F1")]
    public async Task Files_OfATreeChangedWhileTheyAreSent_AreListedAndTheOthersArrive()
    {
        // What the destination holds of the page is held back: at that moment nothing was read yet, and the scan is over.
        await using Cluster cluster = await Cluster.StartAsync(Proxied);
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "large"), 2 * Cluster.ChunkSize);
        Files.Write(Path.Combine(tree, "large-kept"), 2 * Cluster.ChunkSize);
        Files.Write(Path.Combine(tree, "small"), 10);
        Files.Write(Path.Combine(tree, "small-gone"), 10);
        Files.Write(Path.Combine(tree, "small-kept"), 10);
        var gate = new Gate();
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.Header.Type == FrameType.HaveBits && HaveBitsBody.TryRead(frame.Body, out HaveBitsBody? have) && !have.IsPagesAccepted)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        TransferResource submitted = await cluster.SubmitAsync("src:tree", "dst:");
        await gate.Reached;

        File.AppendAllText(Path.Combine(tree, "large"), "more");
        File.AppendAllText(Path.Combine(tree, "small"), "more");
        File.Delete(Path.Combine(tree, "small-gone"));
        gate.Open();
        TransferResource done = await cluster.EndOfAsync(submitted.Id);

        Assert.Equal((TransferState.Partial, 4), (done.State, done.ExitCode));
        Assert.Equal(["tree/large", "tree/small", "tree/small-gone"], done.Issues.Select(issue => issue.Path).Order(StringComparer.Ordinal));
        Assert.All(done.Issues, issue => Assert.Equal((FileState.Parked, Reason.SourceChanged), (issue.State, issue.Problem.Reason)));
        Assert.Equal(["tree", "tree/large-kept", "tree/small-kept"], Files.Names(cluster.Target));
        Assert.Equal((2L, 3L), (done.Progress.FilesPublished, done.Progress.FilesParked));
    }

    /// <summary>Lets so many chunks pass; the gate holds the others.</summary>
    private static Gate HoldChunks(Cluster cluster, int after)
    {
        var gate = new Gate();
        int chunks = 0;
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.IsChunk && Interlocked.Increment(ref chunks) > after)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        return gate;
    }
}
