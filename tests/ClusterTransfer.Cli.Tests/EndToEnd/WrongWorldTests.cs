using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Configuration;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.Node.Tests.EndToEnd;
using ClusterTransfer.TestKit;
using ClusterTransfer.TestKit.Proxy;

namespace ClusterTransfer.Cli.Tests.EndToEnd;

/// <summary>The input is right, the world is not: what a user gets to see then.</summary>
public sealed class WrongWorldTests
{
    [Fact]
    [Trait("row", "D3")]
    public async Task Space_NotEnough_Exits12BeforeAnythingIsWritten()
    {
        using var folder = new TestFolder();
        string small = folder.Create("small");
        await using Mount mount = await Mount.SmallAsync(small, mebibytes: 80);
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { Beta = options => WithLocation(options, "small", small) });
        string source = Path.Combine(cluster.Source, "large");
        await File.WriteAllBytesAsync(source, new byte[40 * 1024 * 1024], TestContext.Current.CancellationToken);

        Ct ct = await Ct.RunAsync(cluster, "cp", "src:large", "small:in");

        ct.AssertSaid(12, small, "Free some space there", "no-space");
        Assert.Empty(Files.Names(small));
    }

    [Fact]
    [Trait("row", "D3")]
    public async Task Space_GoneInTheMiddle_WithFailOnWait_Exits12AndPublishesNothing()
    {
        using var folder = new TestFolder();
        string small = folder.Create("small");
        await using Mount mount = await Mount.SmallAsync(small, mebibytes: 96);
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true, Beta = options => WithLocation(options, "small", small) });
        Files.Write(Path.Combine(cluster.Source, "tree", "small"), 3000);
        for (int i = 0; i < 8; i++)
        {
            Files.Write(Path.Combine(cluster.Source, "tree", $"large-{i}"), 2 * Cluster.ChunkSize, seed: i);
        }

        var gate = new Gate();
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.IsChunk)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        Task<Ct> running = Ct.RunAsync(cluster, "cp", "src:tree", "small:in", "--fail-on-wait");
        await gate.Reached;
        Fill(Path.Combine(small, "somebody-else"));
        gate.Open();

        Ct ct = await running;

        ct.AssertSaid(12, "no-space", "waits for space");
        Assert.DoesNotContain(Files.Names(small), name => name.Contains("large", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Destination_NodeDown_Exits14AndIsNamed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "file"), 10);
        await cluster.StopBetaAsync();

        Ct ct = await Ct.RunAsync(cluster, "cp", "src:file", "dst:");

        ct.AssertSaid(14, "'dst'", "'beta'", "not connected", "node-unreachable");
    }

    [Fact]
    public async Task Chunk_DamagedAlways_Exits6AndGetShowsWhichAndWhy()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        Files.Write(Path.Combine(cluster.Source, "file"), 3 * Cluster.ChunkSize);
        cluster.Proxy.Script = (frame, _) =>
        {
            if (frame.IsChunk && frame.Header.Chunk.Value == 1)
            {
                frame.FlipBody();
            }

            return new(FrameFate.Forward);
        };

        Ct copied = await Ct.RunAsync(cluster, "cp", "src:file", "dst:");
        string id = (await cluster.Client.ListPageAsync(null, null, 1)).Items[0].Id.Value;
        Ct got = await Ct.RunAsync(cluster, "get", id);

        string[] evidence = ["file: Chunk 1 at offset 1048576 was refused 8 times", "chunk 1 at byte 1,048,576, sent 8 times", "by beta", "Check memory and disks of both nodes", "chunk-corrupt"];
        copied.AssertSaid(6, evidence);
        got.AssertSaid(0, [.. evidence, "Failed (exit code 6)", "expected ", "arrived "]);
        Assert.Empty(Files.Names(cluster.Target));
    }

    [Fact]
    public async Task Destination_WithAForeignCertificate_Exits17()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true, ProxyShowsAlpha = own => own.IssueForeign("beta") });
        Files.Write(Path.Combine(cluster.Source, "file"), 10);

        Ct ct = await Ct.RunAsync(cluster, "cp", "src:file", "dst:");

        ct.AssertSaid(17, "not signed by this cluster's authority", "ct pki issue", "identity-refused");
        Assert.Empty(Files.Names(cluster.Target));
    }

    [Fact]
    [Trait("row", "F1")]
    public async Task File_ChangedWhileItIsSent_Exits16()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        string source = Files.Write(Path.Combine(cluster.Source, "log"), 3 * Cluster.ChunkSize);
        Gate gate = Hold(cluster);
        Task<Ct> running = Ct.RunAsync(cluster, "cp", "src:log", "dst:");
        await gate.Reached;
        await File.AppendAllTextAsync(source, "one more line");
        gate.Open();

        Ct ct = await running;

        ct.AssertSaid(16, "'log'", "Wait until nobody writes to it", "source-changed");
        Assert.Empty(Files.Names(cluster.Target));
    }

    [Fact]
    public async Task Wait_TooShort_Exits10AndTheTransferGoesOn()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        Files.Write(Path.Combine(cluster.Source, "file"), 3 * Cluster.ChunkSize);
        Gate gate = Hold(cluster);
        Ct detached = await Ct.RunAsync(cluster, "cp", "src:file", "dst:", "--detach");
        string id = detached.Out.Trim();
        await gate.Reached;

        Ct waited = await Ct.RunAsync(cluster, "wait", id, "--timeout", "1s");
        gate.Open();
        Ct done = await Ct.RunAsync(cluster, "wait", id);

        waited.AssertSaid(10, id, "ct wait", "timed-out");
        done.AssertSaid(0, "Completed 100 %");
    }

    [Fact]
    public async Task Cancel_InTheMiddle_Exits11()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        Files.Write(Path.Combine(cluster.Source, "file"), 3 * Cluster.ChunkSize);
        Gate gate = Hold(cluster);
        Task<Ct> copying = Ct.RunAsync(cluster, "cp", "src:file", "dst:");
        await gate.Reached;
        string id = (await cluster.Client.ListPageAsync(null, null, 1)).Items[0].Id.Value;

        Ct cancelled = await Ct.RunAsync(cluster, "cancel", id);
        Ct copied = await copying;

        cancelled.AssertSaid(0, id);
        copied.AssertSaid(11, "Cancelled: 0 files");
        Assert.Empty(Files.Names(cluster.Target));
        await cluster.NothingStagedAsync();
    }

    [Theory]
    [InlineData("gamma", "gamma", true, "not signed by this cluster's authority")]
    [InlineData("gamma", "delta", false, "'delta'")]
    public async Task NodeRun_WithTheWrongCertificate_Exits17(string node, string certified, bool foreign, string said)
    {
        // The files of a cluster without nodes; the node must refuse itself before it listens.
        using var folder = new TestFolder();
        string own = folder["pki"];
        Transport.Identity.ClusterAuthority.Create(own, "own", TimeProvider.System);
        Transport.Identity.ClusterAuthority.Create(folder["other"], "other", TimeProvider.System);
        Transport.Identity.IssuedFiles files = Transport.Identity.ClusterAuthority.Issue(
            foreign ? folder["other"] : own, new NodeId(certified), [], folder["tls"], TimeProvider.System);
        await File.WriteAllTextAsync(folder["node.conf"], $$"""
            cluster-transfer {
              node { name = {{node}}, state-folder = "{{folder["state"]}}" }
              hub { enabled = true, listen = "127.0.0.1:0" }
              api { listen = "127.0.0.1:0" }
              data { listen = "127.0.0.1:0" }
              tls { authority = "{{own}}/ca.crt", certificate = "{{files.CertificateFile}}", key = "{{files.KeyFile}}" }
            }
            """);
        using var error = new StringWriter();

        int exit = await NodeProgram.RunAsync(folder["node.conf"], new Dictionary<string, string>(), error, CancellationToken.None).WithinDeadline();

        new Ct(exit, string.Empty, error.ToString()).AssertSaid(17, said, files.CertificateFile, "ct pki issue");
        Assert.False(Directory.Exists(folder["state"]));
    }

    private static NodeOptions WithLocation(NodeOptions options, string name, string folder) =>
        options with { Locations = [.. options.Locations, new LocationEntry(new LocationName(name), folder)] };

    private static Gate Hold(Cluster cluster)
    {
        var gate = new Gate();
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.IsChunk)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        return gate;
    }

    /// <summary>Leaves not one byte free.</summary>
    private static void Fill(string path)
    {
        byte[] block = new byte[64 * 1024];
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (int length = block.Length; length >= 4096;)
        {
            try
            {
                file.Write(block, 0, length);
            }
            catch (IOException)
            {
                length /= 2;
            }
        }
    }
}
