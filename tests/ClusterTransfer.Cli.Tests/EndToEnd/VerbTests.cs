using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Tests.EndToEnd;
using ClusterTransfer.TestKit.Proxy;

namespace ClusterTransfer.Cli.Tests.EndToEnd;

/// <summary>The verbs about running and ended transfers, at two real nodes.</summary>
public sealed class VerbTests
{
    [Fact]
    public async Task Pause_InTheMiddle_HoldsUntilResume_AndTheStoryTellsIt()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 6 * Cluster.ChunkSize);
        var gate = new Gate();
        cluster.Proxy.Script = async (frame, cancellationToken) =>
        {
            if (frame.IsChunk)
            {
                await gate.PassAsync(cancellationToken);
            }

            return FrameFate.Forward;
        };
        string id = (await Ct.RunAsync(cluster, "cp", "src:file", "dst:", "-o", "name", "--detach", "--connections", "2")).Out.Trim();
        await gate.Reached;
        await cluster.EventAsync(new TransferId(id), item => item.Transfer.Progress.Connections > 0);

        Ct connections = await Ct.RunAsync(cluster, "conns", id, "-o", "json");
        Ct paused = await Ct.RunAsync(cluster, "pause", id);
        gate.Open();
        Ct held = await Ct.RunAsync(cluster, "wait", id, "--for", "paused", "--timeout", "20s");
        Ct listed = await Ct.RunAsync(cluster, "ls");
        Ct idle = await Ct.RunAsync(cluster, "conns", id, "-o", "name");
        Ct resumed = await Ct.RunAsync(cluster, "resume", id);
        Ct done = await Ct.RunAsync(cluster, "wait", id, "--timeout", "20s");
        Ct chunks = await Ct.RunAsync(cluster, "chunks", id, "-o", "json");
        Ct events = await Ct.RunAsync(cluster, "events", id, "-f", "-o", "jsonl");

        Assert.Contains(Document(connections).GetProperty("items").EnumerateArray(), item => item.GetProperty("peer").GetString() == "beta");
        paused.AssertSaid(0, $"Transfer {id} is paus");
        held.AssertSaid(0, "Paused: ");
        listed.AssertSaid(0, $"{id}  Paused ");
        Assert.Equal((0, string.Empty), (idle.Exit, idle.Out));
        resumed.AssertSaid(0, $"Transfer {id} goes on");
        done.AssertSaid(0, "Completed 100 %");
        Assert.Equal((6, 6, 0), (Document(chunks).GetProperty("found").GetInt32(), Document(chunks).GetProperty("durable").GetInt32(), Document(chunks).GetProperty("failed").GetArrayLength()));
        string[] kinds = [.. events.Out.TrimEnd('\n').Split('\n')[..^1].Select(line => JsonDocument.Parse(line).RootElement.GetProperty("kind").GetString()!)];
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(' ', kinds));
        Assert.Equal(2, kinds.Count(kind => kind == "session-opened"));
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
    }

    [Fact]
    public async Task Retry_OfAFailedTransfer_DeliversTheRest()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true });
        string source = Files.Write(Path.Combine(cluster.Source, "file"), 3 * Cluster.ChunkSize);
        bool isBad = true;
        cluster.Proxy.Script = (frame, _) =>
        {
            if (Volatile.Read(ref isBad) && frame.IsChunk && frame.Header.Chunk.Value == 1)
            {
                frame.FlipBody();
            }

            return new(FrameFate.Forward);
        };

        Ct failed = await Ct.RunAsync(cluster, "cp", "src:file", "dst:", "-o", "jsonl", "--progress", "none");
        string id = JsonDocument.Parse(failed.Out.Split('\n')[0]).RootElement.GetProperty("id").GetString()!;
        Ct chunks = await Ct.RunAsync(cluster, "chunks", id, "--failed", "-o", "wide");
        Volatile.Write(ref isBad, false);
        Ct retried = await Ct.RunAsync(cluster, "retry", id);
        Ct done = await Ct.RunAsync(cluster, "wait", id, "--timeout", "20s");
        Ct again = await Ct.RunAsync(cluster, "retry", id);
        Ct details = await Ct.RunAsync(cluster, "get", id);

        failed.AssertSaid(6, "\"status\":\"failed\",\"exitCode\":6", "chunk-corrupt");
        chunks.AssertSaid(0, "file", "1,048,576", "chunk-corrupt");
        retried.AssertSaid(0, $"Transfer {id} is taken up again");
        done.AssertSaid(0, "Completed 100 %");
        again.AssertSaid(13, id, "wrong-state");
        details.AssertSaid(0, "taken up again 1 time", "3.00 MiB on disk, 3.00 MiB verified");
        Files.AssertEqual(source, Path.Combine(cluster.Target, "file"));
    }

    [Fact]
    public async Task Several_AreAskedForOneByOne()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        Files.Write(Path.Combine(cluster.Source, "file"), 10);
        string id = (await Ct.RunAsync(cluster, "cp", "src:file", "dst:", "-o", "name")).Out.Trim();

        Ct paused = await Ct.RunAsync(cluster, "pause", id, "zzzzzzzz");

        paused.AssertSaid(13, "(wrong-state)", "(transfer-unknown)");
        Assert.Empty(paused.Out);
    }

    private static JsonElement Document(Ct ct) => JsonDocument.Parse(ct.Out).RootElement;
}
