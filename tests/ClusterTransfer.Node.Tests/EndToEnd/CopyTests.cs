using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>What arrives when nothing goes wrong.</summary>
public sealed class CopyTests : IClassFixture<SharedCluster>
{
    private readonly Cluster _cluster;

    public CopyTests(SharedCluster shared)
    {
        _cluster = shared.Cluster;
        _cluster.ShowLogs();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Cluster.ChunkSize - 1)]
    [InlineData(Cluster.ChunkSize)]
    [InlineData(Cluster.ChunkSize + 1)]
    [InlineData((3 * Cluster.ChunkSize) + 7)]
    [Trait("row", "D18")]
    public async Task File_OfThatSize_ArrivesEqual(int size)
    {
        string source = Files.Write(Path.Combine(_cluster.Source, $"file-{size}"), size);

        TransferResource done = await _cluster.CopyAsync($"src:file-{size}", "dst:sizes/deep");

        Assert.Equal((TransferState.Completed, 0), (done.State, done.ExitCode));
        Files.AssertEqual(source, Path.Combine(_cluster.Target, "sizes", "deep", $"file-{size}"));
        Assert.Equal((1L, (long)size, 1), (done.Progress.FilesPublished, done.Progress.BytesPublished, done.Sessions));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_OfATransferThatIsOverAndRetired_GiveTheOutcomeOnceAndEnd(bool askBeta)
    {
        Files.Write(Path.Combine(_cluster.Source, $"over-{askBeta}"), 1);
        TransferResource done = await _cluster.CopyAsync($"src:over-{askBeta}", "dst:over");
        await RetiredAsync(done.Id).WithinDeadline();
        long last = (await _cluster.StoryAsync(done.Id))[^1].Sequence;

        using var raw = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(askBeta ? _cluster.Beta.ApiAddress : _cluster.Alpha.ApiAddress, $"api/v1/transfers/{done.Id}/events?after={last}"));
        request.Headers.Authorization = new("Bearer", askBeta ? _cluster.BetaToken : _cluster.AlphaToken);
        using HttpResponseMessage answer = await raw.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken).WithinDeadline();
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).WithinDeadline();

        string frame = Assert.Single(text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("event: progress\n", frame, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"Completed\"", frame, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmptyFolder_Arrives()
    {
        Directory.CreateDirectory(Path.Combine(_cluster.Source, "nothing"));

        TransferResource done = await _cluster.CopyAsync("src:nothing", "dst:empty");

        Assert.Equal((TransferState.Completed, 0L), (done.State, done.Progress.FilesFound));
        Assert.Equal(["nothing"], Files.Names(Path.Combine(_cluster.Target, "empty")));
    }

    [Fact]
    public async Task SymbolicLink_AsTheRoot_ArrivesAsALink()
    {
        File.CreateSymbolicLink(Path.Combine(_cluster.Source, "link"), "no/such target");

        TransferResource done = await _cluster.CopyAsync("src:link", "dst:links");

        Assert.Equal(TransferState.Completed, done.State);
        Assert.Equal("no/such target", new FileInfo(Path.Combine(_cluster.Target, "links", "link")).LinkTarget);
    }

    [Fact]
    public async Task Tree_WithLinksModesAndTimes_ArrivesEqual()
    {
        string root = Path.Combine(_cluster.Source, "tree");
        Files.Write(Path.Combine(root, "a", "large"), (2 * Cluster.ChunkSize) + 1, seed: 2);
        Files.Write(Path.Combine(root, "a", "small"), 10, seed: 3);
        Files.Write(Path.Combine(root, "z"), 0);
        File.CreateSymbolicLink(Path.Combine(root, "a", "up"), "../z");
        File.SetUnixFileMode(Path.Combine(root, "a", "small"), UnixFileMode.UserRead);
        var time = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Path.Combine(root, "a", "large"), time);
        Directory.SetLastWriteTimeUtc(Path.Combine(root, "a"), time);

        TransferResource done = await _cluster.CopyAsync("src:tree", "dst:trees");

        Assert.Equal((TransferState.Completed, 3L), (done.State, done.Progress.FilesPublished));
        string arrived = Path.Combine(_cluster.Target, "trees", "tree");
        Assert.Equal(Files.Names(root), Files.Names(arrived));
        Files.AssertEqual(Path.Combine(root, "a", "large"), Path.Combine(arrived, "a", "large"));
        Assert.Equal("../z", new FileInfo(Path.Combine(arrived, "a", "up")).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(Path.Combine(arrived, "a", "small")));
        Assert.Equal((time, time), (File.GetLastWriteTimeUtc(Path.Combine(arrived, "a", "large")), Directory.GetLastWriteTimeUtc(Path.Combine(arrived, "a"))));
    }

    [Fact]
    public async Task WholeLocation_ArrivesUnderItsName()
    {
        Files.Write(Path.Combine(_cluster.Source, "whole", "file"), 5);

        TransferResource done = await _cluster.CopyAsync("src:", "dst:location");

        Assert.Equal(TransferState.Completed, done.State);
        Files.AssertEqual(Path.Combine(_cluster.Source, "whole", "file"), Path.Combine(_cluster.Target, "location", "src", "whole", "file"));
        Assert.Equal(Files.Names(_cluster.Source).Length, Files.Names(Path.Combine(_cluster.Target, "location", "src")).Length);
    }

    [Fact]
    public async Task Result_NamedOtherwise_ArrivesUnderThatName()
    {
        string source = Files.Write(Path.Combine(_cluster.Source, "named"), 12);
        TransferResource submitted = await _cluster.Client.SubmitAsync(new SubmitTransfer { Source = "src:named", Destination = "dst:named", As = "other name" });

        TransferResource done = await _cluster.EndOfAsync(submitted.Id);

        Assert.Equal((TransferState.Completed, "other name"), (done.State, done.ResultName));
        Assert.Equal(["other name"], Files.Names(Path.Combine(_cluster.Target, "named")));
        Files.AssertEqual(source, Path.Combine(_cluster.Target, "named", "other name"));
    }

    [Theory]
    [InlineData(ConflictPolicy.Overwrite, 40, 2)]
    [InlineData(ConflictPolicy.Skip, 10, 1)]
    [Trait("row", "D15")]
    public async Task Name_Taken_FollowsThePolicy(ConflictPolicy conflict, int expectedLength, int published)
    {
        string name = $"taken-{conflict}";
        Files.Write(Path.Combine(_cluster.Source, name, "old"), 40, seed: 5);
        Files.Write(Path.Combine(_cluster.Source, name, "new"), 3, seed: 6);
        Files.Write(Path.Combine(_cluster.Target, name, name, "old"), 10, seed: 7);

        TransferResource done = await _cluster.CopyAsync($"src:{name}", $"dst:{name}", conflict: conflict);

        Assert.Equal((TransferState.Completed, 0, (long)published), (done.State, done.ExitCode, done.Progress.FilesPublished));
        Assert.Equal(expectedLength, new FileInfo(Path.Combine(_cluster.Target, name, name, "old")).Length);
        Assert.Equal(3, new FileInfo(Path.Combine(_cluster.Target, name, name, "new")).Length);
    }

    [Fact]
    public async Task Transfer_WithinOneNode_ArrivesEqual()
    {
        string source = Files.Write(Path.Combine(_cluster.Target, "own", "file"), (2 * Cluster.ChunkSize) + 9, seed: 8);
        Files.Write(Path.Combine(_cluster.Target, "own", "small"), 9, seed: 9);

        TransferResource done = await _cluster.CopyAsync("dst:own", "dst:copy");

        Assert.Equal((TransferState.Completed, new NodeId("beta"), new NodeId("beta")), (done.State, done.SourceNode!.Value, done.DestinationNode!.Value));
        Files.AssertEqual(source, Path.Combine(_cluster.Target, "copy", "own", "file"));
    }

    [Fact]
    public async Task Transfer_WithinTheHub_ArrivesEqual()
    {
        string source = Files.Write(Path.Combine(_cluster.Source, "own", "file"), Cluster.ChunkSize + 9, seed: 8);

        TransferResource done = await _cluster.CopyAsync("src:own", "src:copy");

        Assert.Equal(TransferState.Completed, done.State);
        Files.AssertEqual(source, Path.Combine(_cluster.Source, "copy", "own", "file"));
    }

    [Fact]
    public async Task Transfer_FromBetaToTheHub_ArrivesEqual()
    {
        string source = Files.Write(Path.Combine(_cluster.Target, "back"), Cluster.ChunkSize + 9, seed: 8);

        TransferResource done = await _cluster.CopyAsync("dst:back", "src:back");

        Assert.Equal(TransferState.Completed, done.State);
        Files.AssertEqual(source, Path.Combine(_cluster.Source, "back", "back"));
    }

    [Fact]
    public async Task Submit_ThroughANodeThatIsNotTheHub_RunsAndIsSeenOnBoth()
    {
        string source = Files.Write(Path.Combine(_cluster.Source, "through-beta"), 100);
        await using ClusterTransferClient beta = Cluster.ClientOf(_cluster.Beta, _cluster.BetaToken);

        TransferResource submitted = await beta.SubmitAsync(new SubmitTransfer { Source = "src:through-beta", Destination = "dst:beta" });
        await beta.WaitAsync(submitted.Id).WithinDeadline();

        TransferResource seen = await beta.GetAsync(submitted.Id.Value);
        Assert.Equal((TransferState.Completed, 0), (seen.State, seen.ExitCode));
        Assert.Equal(TransferState.Completed, (await _cluster.Client.GetAsync(submitted.Id.Value)).State);
        Files.AssertEqual(source, Path.Combine(_cluster.Target, "beta", "through-beta"));
    }

    [Fact]
    public async Task Transfers_ThreeAtOnce_AllArriveEqual()
    {
        string[] names = ["one", "two", "three"];
        foreach (string name in names)
        {
            Files.Write(Path.Combine(_cluster.Source, "at-once", name, "large"), 4 * Cluster.ChunkSize, seed: name.Length);
            Files.Write(Path.Combine(_cluster.Source, "at-once", name, "small"), 77, seed: name.Length);
        }

        TransferResource[] done = await Task.WhenAll(names.Select(name => _cluster.CopyAsync($"src:at-once/{name}", "dst:at-once")));

        Assert.All(done, transfer => Assert.Equal((TransferState.Completed, 1), (transfer.State, transfer.Sessions)));
        Assert.All(names, name => Files.AssertEqual(
            Path.Combine(_cluster.Source, "at-once", name, "large"), Path.Combine(_cluster.Target, "at-once", name, "large")));
    }

    // Two that run at once: one gets the name, the other is told that it is taken. What is there is one of the two, whole.
    [Fact]
    [Trait("row", "D16")]
    public async Task Transfers_TwoToOneName_OneGetsItAndNothingIsMixed()
    {
        string[] from = ["here", "there"];
        for (int i = 0; i < from.Length; i++)
        {
            Files.Write(Path.Combine(_cluster.Source, "to-one-name", from[i], "file"), (4 * Cluster.ChunkSize) + i, seed: 20 + i);
        }

        TransferResource[] done = await Task.WhenAll(from.Select(folder => _cluster.CopyAsync($"src:to-one-name/{folder}/file", "dst:to-one-name")));

        TransferResource winner = Assert.Single(done, transfer => transfer.State == TransferState.Completed);
        TransferResource loser = Assert.Single(done, transfer => transfer.State != TransferState.Completed);
        Assert.Equal(Reason.DestinationExists.Info().ExitCode, loser.ExitCode);
        string source = winner.Source.ToString()["src:".Length..];
        Files.AssertEqual(Path.Combine(_cluster.Source, source), Path.Combine(_cluster.Target, "to-one-name", "file"));
        Assert.Equal(["file"], Files.Names(Path.Combine(_cluster.Target, "to-one-name")));
    }

    [Fact]
    public async Task Submit_SameKeyTwice_IsOneTransfer()
    {
        Files.Write(Path.Combine(_cluster.Source, "once"), 5);
        var body = new SubmitTransfer { Source = "src:once", Destination = "dst:once" };

        TransferResource first = await _cluster.Client.SubmitAsync(body, "a-key");
        TransferResource running = await _cluster.Client.SubmitAsync(body, "a-key");
        TransferResource done = await _cluster.EndOfAsync(first.Id);
        TransferResource later = await _cluster.Client.SubmitAsync(body, "a-key");

        Assert.Equal((first.Id, first.Id), (running.Id, later.Id));
        Assert.Equal(TransferState.Completed, done.State);
        Assert.Equal((TransferState.Completed, 1), (later.State, later.Sessions));
    }

    [Fact]
    public async Task List_RightAfterASubmit_HasTheTransfer()
    {
        Files.Write(Path.Combine(_cluster.Source, "listed"), 5);

        TransferResource submitted = await _cluster.SubmitAsync("src:listed", "dst:listed");

        Assert.Equal(submitted.Id, (await _cluster.Client.ListPageAsync(null, null, 1)).Items[0].Id);
        await _cluster.EndOfAsync(submitted.Id);
    }

    [Fact]
    public async Task Submit_SameKeyForSomethingElse_IsRefused()
    {
        Files.Write(Path.Combine(_cluster.Source, "key"), 5);
        await _cluster.Client.SubmitAsync(new SubmitTransfer { Source = "src:key", Destination = "dst:key" }, "other-key");

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => _cluster.Client.SubmitAsync(new SubmitTransfer { Source = "src:key", Destination = "dst:elsewhere" }, "other-key"));

        Assert.Equal((Reason.KeyReused, 13), (error.Reason, error.ExitCode));
        Assert.False(Directory.Exists(Path.Combine(_cluster.Target, "elsewhere")));
    }

    // The coordinator leaves once all is written; the tree of actors shows that, and nothing announces it.
    private async Task RetiredAsync(TransferId id)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (Holds(await _cluster.Client.ActorsAsync(TestContext.Current.CancellationToken), id))
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        static bool Holds(IEnumerable<ActorResource> actors, TransferId id) =>
            actors.Any(actor => actor.Path.EndsWith($"/{id}", StringComparison.Ordinal) || Holds(actor.Children, id));
    }
}
