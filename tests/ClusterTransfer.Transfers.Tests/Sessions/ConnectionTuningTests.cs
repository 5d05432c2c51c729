using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Quality;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>Row TE-4: a source finds out how many connections pay, says so, and gives chunks to no more. From 2 to 3 connections, chunks of 1 MiB, a window for 6 of them.</summary>
public sealed class ConnectionTuningTests
{
    private const long MB = 1_000_000;
    private static readonly SessionOptions Options = new() { ChunkSize = Manifests.MiB, Connections = 2, MaxConnections = 3 };

    private readonly List<ManualConnection> _connections = [new(101), new(102)];
    private readonly Dictionary<int, ConnectionHandle> _handles = [];

    [Fact]
    public async Task MoreThatCarryMore_AreAskedForAndKept()
    {
        await using SessionBench bench = await SendingAsync(new TransferShape());

        Pass(bench, TimeSpan.FromSeconds(10), MB);
        Assert.Equal([3], bench.Wanted());
        ManualConnection third = await JoinThirdAsync(bench);
        Pass(bench, TimeSpan.FromSeconds(10), MB);

        Assert.Empty(bench.Wanted());
        Assert.Equal(
            [
                "Tries 3 connections to b instead of 2: those were full all the time (2.0 MB/s, round trip 80 ms, 1 % sent again).",
                "Keeps 3 connections to b: they carry more than 2 did (3.0 MB/s instead of 2.0 MB/s, +50 %, round trip 80 ms, 1 % sent again).",
            ],
            bench.Noted("connections-changed"));
        Assert.NotEqual(0, third.Chunks);
        Assert.Equal("Tried", bench.NotedData("connections-changed")[0]!["reason"].GetString());
        Assert.Equal(2 * MB, bench.NotedData("connections-changed")[1]!["bytesPerSecondBefore"].GetInt64());
    }

    [Fact]
    public async Task MoreThatCarryNoMore_RestAndTakeThePlaceOfOneThatIsLost()
    {
        await using SessionBench bench = await SendingAsync(new TransferShape());
        Pass(bench, TimeSpan.FromSeconds(10), MB);
        ManualConnection third = await JoinThirdAsync(bench);

        while (bench.Noted("connections-changed").Count < 2)
        {
            Pass(bench, Options.ProgressInterval, 2 * MB / 3);
        }

        Assert.Equal([3, 2], bench.Wanted());
        Assert.StartsWith("Goes back to 2 connections to b from 3: more must carry 8 % more (2.0 MB/s instead of 2.0 MB/s, 0 %", bench.Noted("connections-changed")[^1], StringComparison.Ordinal);
        Assert.Equal([false, false, true], Report(bench).Connections.Select(connection => connection.Rests));
        await AcknowledgeAsync(bench);
        Assert.Equal(0, third.Chunks);
        Assert.Equal(6, _connections.Sum(connection => connection.Chunks));

        int held = _connections[0].WriteAll().Count;
        Assert.NotEqual(0, held);
        bench.Leave(_handles[101]);
        await AcknowledgeAsync(bench);

        Assert.NotEqual(0, third.Chunks);
        Assert.All(Report(bench).Connections, connection => Assert.False(connection.Rests));
    }

    [Theory]
    [InlineData(ConnectionPolicy.Flexible, 2)]
    [InlineData(ConnectionPolicy.Strict, null)]
    public async Task ATransferThatAskedForANumberOrIsStrict_KeepsToIt(ConnectionPolicy policy, int? connections)
    {
        await using SessionBench bench = await SendingAsync(new TransferShape { Request = Samples.Request with { ConnectionPolicy = policy, Connections = connections } });

        Pass(bench, TimeSpan.FromMinutes(1), MB);

        Assert.Empty(bench.Wanted());
    }

    [Fact]
    public async Task APeerThatTakesNoMore_IsAskedForNoMore()
    {
        _connections[1] = new ManualConnection(102) { PeerHello = ManualConnection.HelloOf(Samples.B, 2) };
        await using SessionBench bench = await SendingAsync(new TransferShape());

        Pass(bench, TimeSpan.FromMinutes(1), MB);

        Assert.Empty(bench.Wanted());
    }

    [Fact]
    public async Task AWindowThatHoldsTheChunksUp_IsNoReasonForMore()
    {
        await using SessionBench bench = await SendingAsync(new TransferShape { Window = Manifests.MiB });

        Pass(bench, TimeSpan.FromMinutes(1), MB);

        Assert.Empty(bench.Wanted());
    }

    [Fact]
    public async Task Report_HasWhatTheSystemKnowsOfThePath()
    {
        await using SessionBench bench = await SendingAsync(new TransferShape());
        _connections[0].Quality = new LinkQuality(TimeSpan.FromMilliseconds(80.25), TimeSpan.FromMilliseconds(79), 10 * MB, 12 * MB, 3 * MB, 5 * MB);
        _connections[1].Quality = null;

        IReadOnlyList<ConnectionReport> reports = Report(bench).Connections;

        Assert.Equal((80.25, 5 * MB, 0.25), (reports[0].RoundTripMs, reports[0].DeliveryRate, reports[0].SentAgain));
        Assert.Equal((null, null, null), (reports[1].RoundTripMs, reports[1].DeliveryRate, reports[1].SentAgain));
    }

    private async Task<SessionBench> SendingAsync(TransferShape shape)
    {
        SessionBench bench = SessionBench.Create(Options, request: shape.Request);
        using (FileStream file = File.Create(Path.Combine(bench.SourceFolder, "big")))
        {
            file.Write(new byte[32 * Manifests.MiB]);
        }

        // The page goes over a real connection. It is seen to go before there is a window for chunks.
        await bench.OpenAsync();
        ConnectionHandle real = await bench.JoinAsync();
        bench.Say(real, FrameType.HaveBits, HaveBitsBody.PagesAccepted(0, default).ToArray());
        (ManifestPage page, PagePlan plan) = await bench.NextPageAsync();
        bench.Answer(real, page, plan, _ => false);
        bench.Leave(real);
        foreach (ManualConnection connection in _connections)
        {
            _handles[connection.Number] = bench.Join(connection);
        }

        bench.Say(_handles[102], FrameType.Credit, new CreditBody(shape.Window).ToArray());
        await QueuedAsync(bench, (int)(shape.Window / Manifests.MiB));
        bench.Wanted();
        return bench;
    }

    private async Task<ManualConnection> JoinThirdAsync(SessionBench bench)
    {
        var third = new ManualConnection(103);
        _connections.Add(third);
        _handles[103] = bench.Join(third);
        await AcknowledgeAsync(bench);
        return third;
    }

    // All that is on its way arrives, and others follow.
    private async Task AcknowledgeAsync(SessionBench bench)
    {
        bench.Kit.Settle();
        uint[] written = [.. _connections.SelectMany(connection => connection.WriteAll()).Select(chunk => chunk.Value)];
        if (written.Length > 0)
        {
            bench.Say(_handles[102], FrameType.Ack, new AckBody(written).ToArray());
        }

        await QueuedAsync(bench, written.Length);
    }

    // The connections hold so many chunks. What they hold is not written, so that the tasks of a session never all end.
    private async Task QueuedAsync(SessionBench bench, int chunks)
    {
        while (true)
        {
            Task next = bench.Kit.Dispatcher.NextEventAsync();
            bench.Kit.Settle();
            if (_connections.Sum(connection => connection.Chunks) >= chunks)
            {
                return;
            }

            await next.WithinDeadline();
        }
    }

    // Each connection carries so many bytes a second of what it holds.
    private void Pass(SessionBench bench, TimeSpan time, long bytesPerSecond)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Options.ProgressInterval)
        {
            foreach (ManualConnection connection in _connections)
            {
                connection.BytesSent += (long)(bytesPerSecond * Options.ProgressInterval.TotalSeconds);
                connection.Quality = new LinkQuality(
                    TimeSpan.FromMilliseconds(80), TimeSpan.FromMilliseconds(79), connection.BytesSent, connection.BytesSent, connection.BytesSent / 100, bytesPerSecond);
            }

            bench.Kit.Time.Advance(Options.ProgressInterval);
        }
    }

    private static SessionProgressed Report(SessionBench bench)
    {
        bench.Told();
        bench.Kit.Time.Advance(Options.ProgressInterval);
        return Assert.Single(bench.Told().OfType<SessionProgressed>());
    }

    private sealed record TransferShape
    {
        public TransferRequest Request { get; init; } = Samples.Request;

        public long Window { get; init; } = 6 * Manifests.MiB;
    }
}
