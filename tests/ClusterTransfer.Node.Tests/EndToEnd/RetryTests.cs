using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;
using ClusterTransfer.TestKit.Proxy;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Row RS-14: a transfer that failed or was partly delivered is taken up again on two real nodes.</summary>
public sealed class RetryTests
{
    [Fact]
    public async Task Retry_OfADamagedChunk_SendsOnlyWhatIsMissing()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 5 * Cluster.ChunkSize);
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.IsChunk && frame.Header.Chunk.Value == 3)
            {
                frame.FlipBody();
            }

            return new(FrameFate.Forward);
        };
        TransferResource failed = await cluster.CopyAsync("src:file", "dst:");
        Assert.Equal(Reason.ChunkCorrupt, failed.Problem!.Reason);
        int sent = 0;
        cluster.Proxy.Script = (frame, _) =>
        {
            Interlocked.Add(ref sent, frame.IsChunk ? 1 : 0);
            return new(FrameFate.Forward);
        };

        TransferResource taken = await cluster.Client.RetryAsync(failed.Id.Value);
        TransferResource done = await cluster.EndOfAsync(failed.Id);

        Assert.Equal((1, null, null), (taken.Retries, taken.ExitCode, taken.EndedAt));
        Assert.Equal((TransferState.Completed, 0, 1L), (done.State, done.ExitCode, done.Progress.FilesPublished));
        Assert.Empty(done.Issues);
        Assert.Equal(1, sent);
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
        await cluster.NothingStagedAsync();
        List<TransferEvent> story = await cluster.StoryAsync(failed.Id);
        Assert.Contains(story, item => item.Kind == "retry-requested");
        Assert.Equal("completed", story[^1].Kind);
    }

    [Fact]
    public async Task Retry_OfATreeWithATakenName_DeliversTheRestOnly()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "a"), 2 * Cluster.ChunkSize, seed: 1);
        Files.Write(Path.Combine(tree, "b"), 2 * Cluster.ChunkSize, seed: 2);
        string taken = Files.Write(Path.Combine(cluster.Target, "tree", "b"), 3, seed: 3);
        TransferResource partial = await cluster.CopyAsync("src:tree", "dst:");
        Assert.Equal(TransferState.Partial, partial.State);
        File.Delete(taken);
        int sent = 0;
        cluster.Proxy.Script = (frame, _) =>
        {
            Interlocked.Add(ref sent, frame.IsChunk ? 1 : 0);
            return new(FrameFate.Forward);
        };

        await cluster.Client.RetryAsync(partial.Id.Value);
        TransferResource done = await cluster.EndOfAsync(partial.Id);

        Assert.Equal((TransferState.Completed, 2L, 2), (done.State, done.Progress.FilesPublished, sent));
        Files.AssertEqual(Path.Combine(tree, "b"), taken);
    }

    [Fact]
    public async Task Retry_OfOneFileOfTwo_DeliversThatAndStaysPartial_ThenTheOtherCompletesIt()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "a"), 2 * Cluster.ChunkSize, seed: 1);
        Files.Write(Path.Combine(tree, "b"), 2 * Cluster.ChunkSize, seed: 2);
        Files.Write(Path.Combine(tree, "c"), 2 * Cluster.ChunkSize, seed: 4);
        foreach (string name in (string[])["a", "b"])
        {
            Files.Write(Path.Combine(cluster.Target, "tree", name), 3, seed: 3);
        }

        TransferResource partial = await cluster.CopyAsync("src:tree", "dst:");
        Assert.Equal(["tree/a", "tree/b"], partial.Issues.Select(issue => issue.Path).Order());
        foreach (string name in (string[])["a", "b"])
        {
            File.Delete(Path.Combine(cluster.Target, "tree", name));
        }

        ClusterTransferApiException refused = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => cluster.Client.RetryAsync(partial.Id.Value, new RetryTransfer { Files = ["tree/c"] }));
        Assert.Equal(Reason.PathNotFound, refused.Reason);
        int sent = 0;
        cluster.Proxy.Script = (frame, _) =>
        {
            Interlocked.Add(ref sent, frame.IsChunk ? 1 : 0);
            return new(FrameFate.Forward);
        };

        await cluster.Client.RetryAsync(partial.Id.Value, new RetryTransfer { Files = ["tree/a"] });
        TransferResource again = await cluster.EndOfAsync(partial.Id);
        Assert.Equal((TransferState.Partial, 4, 2L, 2), (again.State, again.ExitCode, again.Progress.FilesPublished, sent));
        Assert.Equal("tree/b", Assert.Single(again.Issues).Path);
        Assert.False(File.Exists(Path.Combine(cluster.Target, "tree", "b")));
        await cluster.Client.RetryAsync(partial.Id.Value, new RetryTransfer { Files = ["tree"] });
        TransferResource done = await cluster.EndOfAsync(partial.Id);

        Assert.Equal((TransferState.Completed, 3L, 4), (done.State, done.Progress.FilesPublished, sent));
        foreach (string name in (string[])["a", "b", "c"])
        {
            Files.AssertEqual(Path.Combine(tree, name), Path.Combine(cluster.Target, "tree", name));
        }

        await cluster.NothingStagedAsync();
    }

    [Fact]
    public async Task PauseQueue_InMidTransfer_HoldsIt_AndANewOneWaits_UntilResumed()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 8 * Cluster.ChunkSize, seed: 1);
        Files.Write(Path.Combine(cluster.Source, "second"), 10, seed: 2);
        var gate = new Gate();
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.IsChunk)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        TransferResource first = await cluster.SubmitAsync("src:file", "dst:", connections: 1);
        await gate.Reached;

        QueueResource paused = await cluster.Client.PauseQueueAsync();
        Assert.Equal((true, 0, 1), (paused.Paused, paused.RunningCount, paused.WaitingCount));
        gate.Open();
        TransferResource held = await cluster.Client.WaitUntilAsync(first.Id, now => now is { State: TransferState.Queued, SourceNode: null }, "held", null).WithinDeadline();
        Assert.Equal((DesiredState.Run, Reason.QueuePaused), (held.Desired, held.Problem?.Reason));
        TransferResource second = await cluster.SubmitAsync("src:second", "dst:");
        Assert.Equal(Reason.QueuePaused, second.Problem?.Reason);
        QueueResource queue = await cluster.Client.QueueAsync();
        Assert.Equal((0, 2), (queue.RunningCount, queue.WaitingCount));
        Assert.Equal([first.Id, second.Id], queue.Waiting.Select(waiting => waiting.Id));
        Assert.All(queue.Waiting, waiting => Assert.Equal(queue.Since, waiting.WaitingSince));

        QueueResource resumed = await cluster.Client.ResumeQueueAsync();
        Assert.Equal((false, 0), (resumed.Paused, resumed.WaitingCount));
        Assert.Equal(TransferState.Completed, (await cluster.EndOfAsync(first.Id)).State);
        Assert.Equal(TransferState.Completed, (await cluster.EndOfAsync(second.Id)).State);
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
    }

    [Fact]
    public async Task Retry_AfterTheSourceChanged_DeliversItAsItIsNow()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        string tree = Path.Combine(cluster.Source, "tree");
        Files.Write(Path.Combine(tree, "a"), 10, seed: 1);
        string changing = Files.Write(Path.Combine(tree, "b"), 6 * Cluster.ChunkSize, seed: 2);
        var gate = new Gate();
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.IsChunk)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        TransferResource submitted = await cluster.SubmitAsync("src:tree", "dst:", connections: 1);
        await gate.Reached;
        using (FileStream stream = File.OpenWrite(changing))
        {
            stream.Position = 5 * Cluster.ChunkSize;
            stream.WriteByte(0xff);
        }

        gate.Open();
        TransferResource partial = await cluster.EndOfAsync(submitted.Id);
        Assert.Equal(Reason.SourceChanged, Assert.Single(partial.Issues).Problem.Reason);

        await cluster.Client.RetryAsync(partial.Id.Value);
        TransferResource done = await cluster.EndOfAsync(partial.Id);

        Assert.Equal((TransferState.Completed, 2L), (done.State, done.Progress.FilesPublished));
        Files.AssertEqual(changing, Path.Combine(cluster.Target, "tree", "b"));
        Files.AssertEqual(Path.Combine(tree, "a"), Path.Combine(cluster.Target, "tree", "a"));
        await cluster.NothingStagedAsync();
    }

    [Fact]
    public async Task Retry_OfWhatCompleted_IsRefused()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "file"), 10);
        TransferResource done = await cluster.CopyAsync("src:file", "dst:");

        ClusterTransferApiException refused = await Assert.ThrowsAsync<ClusterTransferApiException>(() => cluster.Client.RetryAsync(done.Id.Value));

        Assert.Equal(Reason.WrongState, refused.Reason);
    }
}
