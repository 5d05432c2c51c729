using ClusterTransfer.Node.Tests.EndToEnd;

namespace ClusterTransfer.Cli.Tests.EndToEnd;

/// <summary>What a user gets to see for wrong input: the input named, a remedy, an exit code; and nothing under a final name.</summary>
public sealed class WrongInputTests : IClassFixture<SharedCluster>
{
    private readonly Cluster _cluster;

    // What tests before this one left for a retry.
    private readonly string[] _kept;

    public WrongInputTests(SharedCluster shared)
    {
        _cluster = shared.Cluster;
        _cluster.ShowLogs();
        _kept = Files.Staged(_cluster.Target);
    }

    [Fact]
    public async Task Source_Missing_Exits3()
    {
        Ct ct = await Ct.RunAsync(_cluster, "cp", "src:no/such/file", "dst:missing");

        ct.AssertSaid(3, "'src:no/such/file' does not exist", "Check the path at the source.", "path-not-found");
        Assert.False(Directory.Exists(Path.Combine(_cluster.Target, "missing")));
        await _cluster.NothingStagedAsync(_kept);
    }

    [Theory]
    [InlineData("srk:file", "dst:")]
    [InlineData("src:file", "dts:")]
    public async Task Location_Unknown_Exits3(string source, string destination)
    {
        Ct ct = await Ct.RunAsync(_cluster, "cp", source, destination);

        ct.AssertSaid(3, source.StartsWith("srk", StringComparison.Ordinal) ? "'srk'" : "'dts'", "ct locations ls", "location-unknown");
    }

    [Fact]
    public async Task Destination_ExistsForASingleFile_Exits13AndStays()
    {
        Files.Write(Path.Combine(_cluster.Source, "taken"), 10, seed: 1);
        string there = Files.Write(Path.Combine(_cluster.Target, "single", "taken"), 20, seed: 2);

        Ct ct = await Ct.RunAsync(_cluster, "cp", "src:taken", "dst:single");

        ct.AssertSaid(13, "'dst:single/taken' exists", "--as NAME, or --conflict overwrite|skip", "destination-exists");
        Assert.Equal(Files.Bytes(20, seed: 2), File.ReadAllBytes(there));
        await _cluster.NothingStagedAsync(_kept);
    }

    [Fact]
    public async Task Destination_ExistsInATree_Exits4AndTheOthersArrive()
    {
        Files.Write(Path.Combine(_cluster.Source, "tree", "taken"), 10, seed: 1);
        Files.Write(Path.Combine(_cluster.Source, "tree", "free"), 10, seed: 3);
        string there = Files.Write(Path.Combine(_cluster.Target, "tree", "taken"), 20, seed: 2);

        Ct ct = await Ct.RunAsync(_cluster, "cp", "src:tree", "dst:");

        ct.AssertSaid(4, "Partial: 1 of 2 files", "tree/taken", "'dst:tree/taken' exists", "destination-exists");
        Assert.Equal(Files.Bytes(20, seed: 2), File.ReadAllBytes(there));
        Files.AssertEqual(Path.Combine(_cluster.Source, "tree", "free"), Path.Combine(_cluster.Target, "tree", "free"));
    }

    [Fact]
    public async Task Destination_IsAFileWhereAFolderIsNeeded_Exits13()
    {
        Files.Write(Path.Combine(_cluster.Source, "below"), 10);
        string there = Files.Write(Path.Combine(_cluster.Target, "not-a-folder"), 20);

        Ct ct = await Ct.RunAsync(_cluster, "cp", "src:below", "dst:not-a-folder");

        ct.AssertSaid(13, "dst:not-a-folder/below", "destination-exists");
        Assert.Equal(20, new FileInfo(there).Length);
    }

    [Fact]
    public async Task Destination_ReadOnlyLocation_Exits18()
    {
        Files.Write(Path.Combine(_cluster.Source, "book"), 10);

        Ct ct = await Ct.RunAsync(_cluster, "cp", "src:book", "shelf:");

        ct.AssertSaid(18, "'shelf'", "read-only", "destination-not-writable");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_cluster.Folder["shelf"]));
    }

    [Fact]
    public async Task Destination_NotWritable_Exits18()
    {
        Files.Write(Path.Combine(_cluster.Source, "fixed"), 10);
        string folder = Directory.CreateDirectory(Path.Combine(_cluster.Target, "immutable")).FullName;
        await using Mount immutable = await Mount.ImmutableAsync(folder);

        Ct ct = await Ct.RunAsync(_cluster, "cp", "src:fixed", "dst:immutable/deeper");

        ct.AssertSaid(18, "dst:immutable", "cannot be written", "destination-not-writable");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public async Task Token_Wrong_Exits7()
    {
        using var run = new CliRun();
        run.Variables["CT_TOKEN"] = "not-the-token";

        int exit = await run.RunAsync(_cluster.Alpha.ApiAddress, "cp", "src:file", "dst:");

        new Ct(exit, run.Out, run.Error).AssertSaid(7, "--token-file", "not-authenticated");
        Assert.DoesNotContain("not-the-token", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_NotThere_Exits14()
    {
        // The port of another test's node that has ended would be a race; the discard port has nobody on loopback.
        using var run = new CliRun();

        int exit = await run.RunAsync(new Uri("http://127.0.0.1:9"), "cp", "src:file", "dst:");

        new Ct(exit, run.Out, run.Error).AssertSaid(14, "127.0.0.1:9");
    }

    [Theory]
    [InlineData("src:../secret", "dst:", "..")]
    [InlineData("src:/etc/passwd", "dst:", "leave the '/' away")]
    [InlineData("src:file", "dst:a/../../b", "..")]
    public async Task Address_OutOfTheLocation_Exits2(string source, string destination, string said)
    {
        Ct ct = await Ct.RunAsync(_cluster, "cp", source, destination);

        ct.AssertSaid(2, said, "invalid-request");
    }

    [Fact]
    public async Task Folder_IntoItself_Exits2()
    {
        Files.Write(Path.Combine(_cluster.Source, "self", "file"), 10);

        Ct ct = await Ct.RunAsync(_cluster, "cp", "src:self", "src:self/copy");

        ct.AssertSaid(2, "src:self", "into itself");
        Assert.Equal(["file"], Files.Names(Path.Combine(_cluster.Source, "self")));
    }

    [Fact]
    public async Task Transfer_Unknown_Exits3()
    {
        Ct ct = await Ct.RunAsync(_cluster, "get", "zzzzzzzzzzzzzzzz");

        ct.AssertSaid(3, "zzzzzzzzzzzzzzzz", "ct ls");
    }

    [Fact]
    public async Task Source_NeitherFileNorFolder_Exits3()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_cluster.Source, "a.socket")));

        Ct ct = await Ct.RunAsync(_cluster, "cp", "src:a.socket", "dst:sockets");

        ct.AssertSaid(3, "a.socket", "not-copyable");
    }
}
