using System.Net.Sockets;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Transport.Tests.Support;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>Rows N1, N2, N6, N11 and I7: every way a connection ends, its reason, and that no lease is left (nodes assert it when disposed).</summary>
public class ConnectionEndTests
{
    /// <summary>What guards the bytes.</summary>
    protected virtual RecordLayer Layer => RecordLayer.Sealed;

    private DataPlaneOptions Options => new() { RecordLayer = Layer };

    [Fact]
    public async Task Cancel_WhenIdle_SaysGoodbye()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        using var stop = new CancellationTokenSource();
        Task<PumpEnd> a = pair.AtA.RunAsync(new RecordingReceiver(), stop.Token);
        Task<PumpEnd> b = pair.AtB.RunAsync(new RecordingReceiver(), CancellationToken.None);

        await stop.CancelAsync();

        Assert.Equal(new PumpEnd(PumpEndReason.Cancelled, null), await a.WithinDeadline());
        Assert.Equal(new PumpEnd(PumpEndReason.PeerClosed, null), await b.WithinDeadline());
    }

    [Fact]
    public async Task Cancel_BeforeRun_EndsAtOnce()
    {
        await using Pair pair = await Pair.OpenAsync(Options);

        PumpEnd end = await pair.AtA.RunAsync(new RecordingReceiver(), new CancellationToken(canceled: true)).WithinDeadline();

        Assert.Equal(PumpEndReason.Cancelled, end.Reason);
    }

    [Fact]
    public async Task Cancel_WhenThePeerDoesNotRead_EndsAfterTheCloseTimeout()
    {
        ManualTime time = ManualTime.FromNow();
        await using Pair pair = await Pair.OpenAsync(Options with { SocketBufferBytes = 64 * 1024 }, timeAtA: time);
        using var stop = new CancellationTokenSource();
        Task<PumpEnd> a = pair.AtA.RunAsync(new RecordingReceiver(), stop.Token);
        Task<bool> stuck = FillAsync(pair);

        await stop.CancelAsync();
        Assert.False(await stuck.WithinDeadline());
        await Eventually.TrueAsync(
            () =>
            {
                // Whichever wait it is in, for the write or for the peer to close: each is bounded.
                time.Advance(TimeSpan.FromSeconds(1));
                return a.IsCompleted;
            },
            "the connection has ended");

        Assert.Equal(PumpEndReason.Cancelled, (await a.WithinDeadline()).Reason);
    }

    [Fact]
    public async Task Complete_WithAReason_TellsThePeer()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        Task<PumpEnd> a = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        Task<PumpEnd> b = pair.AtB.RunAsync(new RecordingReceiver(), CancellationToken.None);

        pair.AtA.Complete(new Problem(Reason.Superseded, "A newer one."));

        Assert.Equal(PumpEndReason.Drained, (await a.WithinDeadline()).Reason);
        Assert.Equal(new PumpEnd(PumpEndReason.PeerClosed, new Problem(Reason.Superseded, "A newer one.")), await b.WithinDeadline());
        Assert.False(pair.AtA.TrySend(TestFrames.Credit(1)));
    }

    [Fact]
    public async Task Complete_WithChunksQueued_SendsThemFirst()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        var atB = new RecordingReceiver();
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 1, 4 * 1024 * 1024), CancellationToken.None);
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 2, 4 * 1024 * 1024), CancellationToken.None);
        pair.AtA.Complete();

        Task<PumpEnd> b = pair.AtB.RunAsync(atB, CancellationToken.None);
        Task<PumpEnd> a = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);

        Assert.Equal(PumpEndReason.Drained, (await a.WithinDeadline()).Reason);
        Assert.Equal(PumpEndReason.PeerClosed, (await b.WithinDeadline()).Reason);
        Assert.Equal(2, atB.Count);
    }

    [Fact]
    public async Task Dispose_WithoutRun_ReturnsWhatWasQueued()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 1, 100), CancellationToken.None);
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 2, 100), CancellationToken.None);
        Task<bool> waiting = pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 3, 100), CancellationToken.None).AsTask();

        await pair.AtA.DisposeAsync();

        Assert.False(await waiting.WithinDeadline());
        Assert.False(await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 4, 100), CancellationToken.None));
        Assert.Equal(0, pair.A.SendBuffers.Outstanding);
        // It said nothing, not even that it ends: for all the peer can tell it was cut off. Streams without a word for the end know only that it came.
        Assert.Equal(Layer == RecordLayer.Sealed ? PumpEndReason.Reset : PumpEndReason.PeerClosed, (await pair.AtB.RunAsync(new RecordingReceiver(), CancellationToken.None).WithinDeadline()).Reason);
    }

    [Fact]
    public async Task Dispose_WhileRunning_EndsIt()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        Task<PumpEnd> a = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        _ = pair.AtB.RunAsync(new RecordingReceiver(), CancellationToken.None);

        await pair.AtA.DisposeAsync().AsTask().WithinDeadline();

        Assert.Equal(PumpEndReason.Cancelled, (await a.WithinDeadline()).Reason);
    }

    [Fact]
    public async Task Run_WhenTheReceiverThrows_EndsFaultedAndKeepsTheDetailHere()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        Task<PumpEnd> a = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        Task<PumpEnd> b = pair.AtB.RunAsync(new RecordingReceiver { Throws = new InvalidOperationException("secret path") }, CancellationToken.None);

        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 1, 1024 * 1024), CancellationToken.None);

        PumpEnd atB = await b.WithinDeadline();
        PumpEnd atA = await a.WithinDeadline();
        Assert.Equal(PumpEndReason.Faulted, atB.Reason);
        Assert.Contains("secret path", atB.Problem?.Detail, StringComparison.Ordinal);
        Assert.Equal(PumpEndReason.PeerClosed, atA.Reason);
        Assert.DoesNotContain("secret path", atA.Problem?.Detail, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "N2")]
    public async Task Run_WithABlackHoledPeer_IsLostAfterThreeHeartbeats()
    {
        ManualTime time = ManualTime.FromNow();
        await using Pair pair = await Pair.OpenAsync(Options, timeAtA: time);
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 1, 1000), CancellationToken.None);
        Task<PumpEnd> a = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);   // nobody runs the other end

        time.Advance(TimeSpan.FromSeconds(13.5));
        Assert.False(a.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        PumpEnd end = await a.WithinDeadline();
        Assert.Equal(PumpEndReason.HeartbeatLost, end.Reason);
        Assert.Contains("14 s", end.Problem?.Detail, StringComparison.Ordinal);
        Assert.Equal(2, pair.AtA.Statistics.PingsSent);
    }

    [Fact]
    [Trait("row", "N2")]
    [Trait("row", "N11")]
    public async Task Run_WithAPeerThatDoesNotRead_IsLostAndReturnsTheQueue()
    {
        ManualTime time = ManualTime.FromNow();
        await using Pair pair = await Pair.OpenAsync(Options with { SocketBufferBytes = 64 * 1024 }, timeAtA: time);
        Task<PumpEnd> a = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        Task<bool> stuck = FillAsync(pair);

        time.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal(PumpEndReason.HeartbeatLost, (await a.WithinDeadline()).Reason);
        Assert.False(await stuck.WithinDeadline());
    }

    [Fact]
    public async Task Run_WhenIdleForLong_StaysByHeartbeats()
    {
        ManualTime time = ManualTime.FromNow();
        await using Pair pair = await Pair.OpenAsync(Options, timeAtA: time);
        Task<PumpEnd> a = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        _ = pair.AtB.RunAsync(new RecordingReceiver(), CancellationToken.None);

        for (int beat = 1; beat <= 20; beat++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Eventually.TrueAsync(() => pair.AtA.Statistics.PingsAnswered == beat, $"ping {beat} is answered");
        }

        Assert.False(a.IsCompleted);
        Assert.Equal(TimeSpan.Zero, pair.AtA.Statistics.LastRoundTrip);
    }

    [Fact]
    public async Task Run_WhileItsReceiverIsBusy_StillShowsThatItLives()
    {
        ManualTime time = ManualTime.FromNow();
        await using Pair pair = await Pair.OpenAsync(Options, timeAtB: time);
        var gate = new TaskCompletionSource();
        var atB = new RecordingReceiver { Gate = gate.Task };
        var atA = new RecordingReceiver();
        _ = pair.AtA.RunAsync(atA, CancellationToken.None);
        Task<PumpEnd> b = pair.AtB.RunAsync(atB, CancellationToken.None);
        pair.AtA.TrySend(TestFrames.Credit(1));
        await atB.Entered.WithinDeadline();

        for (int beat = 1; beat <= 5; beat++)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            // Counted when its write has ended: the next beat sees no write on its way, and finds this end quiet again. 1: its Hello.
            await Eventually.TrueAsync(() => pair.AtB.Statistics.FramesSent == 1 + beat, $"ping {beat} is written");
        }

        Assert.False(b.IsCompleted);
        gate.SetResult();
        await atB.NextAsync();
    }

    [Fact]
    public async Task Run_WhenThePeerEndsItsHalf_ClosesBoth()
    {
        await using Raw raw = await Raw.OpenAsync();

        raw.Peer.Socket.Shutdown(SocketShutdown.Send);

        PumpEnd end = await raw.Run.WithinDeadline();
        Assert.Equal(PumpEndReason.PeerClosed, end.Reason);
        Assert.Equal(Reason.SessionLost, end.Problem?.Reason);
    }

    [Fact]
    public async Task Run_WhenThePeerEndsInsideAFrame_IsResetAndKeepsNothing()
    {
        await using Raw raw = await Raw.OpenAsync();
        await raw.Peer.SendAsync(TestFrames.Encode(TestFrames.Header(FrameType.Chunk, wireLength: 1_000_000), new byte[100_000]));
        await Eventually.TrueAsync(() => raw.Node.ReceiveBuffers.Outstanding == 1, "the body is being read");

        raw.Peer.Socket.Shutdown(SocketShutdown.Send);

        Assert.Equal(PumpEndReason.Reset, (await raw.Run.WithinDeadline()).Reason);
        Assert.Equal(0, raw.Node.ReceiveBuffers.Outstanding);
    }

    [Fact]
    [Trait("row", "N1")]
    public async Task Run_WhenThePeerResets_IsReset()
    {
        await using Raw raw = await Raw.OpenAsync();
        await raw.Peer.SendAsync(TestFrames.Encode(TestFrames.Header(FrameType.Chunk, wireLength: 1_000_000), new byte[100_000]));
        await Eventually.TrueAsync(() => raw.Node.ReceiveBuffers.Outstanding == 1, "the body is being read");

        raw.Peer.Reset();

        Assert.Equal(PumpEndReason.Reset, (await raw.Run.WithinDeadline()).Reason);
    }

    [Fact]
    [Trait("row", "N6")]
    public async Task Run_OnACorruptHeader_ClosesAndSaysWhy()
    {
        await using Raw raw = await Raw.OpenAsync();
        byte[] frame = TestFrames.Encode(FrameType.Ping, new PingBody(1));
        frame[20] ^= 1;

        await raw.Peer.SendAsync([.. frame, .. new byte[50_000]]);

        (_, byte[] body) = await raw.Peer.ReadUntilAsync(FrameType.Goodbye);
        Assert.True(GoodbyeBody.TryRead(body, out GoodbyeBody? goodbye));
        Assert.Equal(Reason.ProtocolViolation, goodbye.Reason);
        raw.Peer.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(PumpEndReason.ProtocolViolation, (await raw.Run.WithinDeadline()).Reason);
    }

    [Fact]
    [Trait("row", "N9")]
    [Trait("row", "N15")]
    public async Task Run_OnFramesItDoesNotTake_AnswersNackAndClosesAtTheThird()
    {
        await using Raw raw = await Raw.OpenAsync();
        foreach ((FrameType type, int length) in ((FrameType, int)[])[((FrameType)200, 5), (FrameType.Ack, 100_000)])
        {
            await raw.Peer.SendAsync(TestFrames.Encode(TestFrames.Header(type, 77, wireLength: length), new byte[length]));
            (FrameHeader header, byte[] body) = await raw.Peer.ReadUntilAsync(FrameType.Nack);
            Assert.Equal((new SessionId(7), new ChunkIndex(77)), (header.Session, header.Chunk));
            Assert.True(NackBody.TryRead(body, out NackBody? nack));
            Assert.Equal(NackReason.OutOfRange, nack.Reason);
        }

        // Still in step: a good frame in between is taken.
        await raw.Peer.SendAsync(TestFrames.Encode(FrameType.Credit, new CreditBody(4)));
        Assert.Equal(FrameType.Credit, (await raw.Receiver.NextAsync()).Header.Type);

        await raw.Peer.SendAsync(TestFrames.Encode(TestFrames.Header((FrameType)201, wireLength: 3), new byte[3]));

        await raw.Peer.ReadUntilAsync(FrameType.Goodbye);
        raw.Peer.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(PumpEndReason.ProtocolViolation, (await raw.Run.WithinDeadline()).Reason);
        Assert.Equal(3, raw.Connection.Statistics.FramesRefused);
        Assert.Equal(3, raw.Receiver.Refused.Count);
        Assert.StartsWith("type 201, 3 bytes", raw.Receiver.Refused[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Close_WithAReason_IsThePeersLastWord()
    {
        await using Raw raw = await Raw.OpenAsync();
        var reason = new Problem(Reason.ChunkCorrupt, "Too many damaged chunks.");

        Assert.True(raw.Connection.TrySend(OutgoingFrame.Control(TestFrames.Header(FrameType.Credit, 0), new CreditBody(7))));
        raw.Connection.Close(reason);

        await raw.Peer.ReadUntilAsync(FrameType.Credit);
        (_, byte[] body) = await raw.Peer.ReadUntilAsync(FrameType.Goodbye);
        Assert.True(GoodbyeBody.TryRead(body, out GoodbyeBody? goodbye));
        Assert.Equal((reason.Reason, reason.Detail), (goodbye.Reason, goodbye.Detail));
        raw.Peer.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(new PumpEnd(PumpEndReason.Cancelled, reason), await raw.Run.WithinDeadline());
    }

    [Fact]
    public async Task Run_OnASecondHello_IsAViolation()
    {
        await using Raw raw = await Raw.OpenAsync();

        await raw.Peer.SendAsync(TestFrames.Encode(FrameType.Hello, raw.Connection.PeerHello));

        await raw.Peer.ReadUntilAsync(FrameType.Goodbye);
        raw.Peer.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(PumpEndReason.ProtocolViolation, (await raw.Run.WithinDeadline()).Reason);
    }

    [Fact]
    public async Task Run_OnAPing_AnswersWithItsNumber()
    {
        await using Raw raw = await Raw.OpenAsync();

        await raw.Peer.SendAsync(TestFrames.Encode(FrameType.Ping, new PingBody(0xABCDEF)));

        (FrameHeader header, byte[] body) = await raw.Peer.ReadUntilAsync(FrameType.Ping);
        Assert.Equal(FrameFlags.Reply, header.Flags);
        Assert.Equal(new PingBody(0xABCDEF).ToArray(), body);
    }

    [Fact]
    [Trait("row", "N11")]
    public async Task Run_OnAFloodOfPingsFromAPeerThatDoesNotRead_StaysWithinItsQueue()
    {
        await using Raw raw = await Raw.OpenAsync(Options with { SocketBufferBytes = 64 * 1024 });
        byte[] pings = [.. Enumerable.Repeat(TestFrames.Encode(FrameType.Ping, new PingBody(1)), 1000).SelectMany(bytes => bytes)];
        for (int i = 0; i < 100; i++)
        {
            await raw.Peer.SendAsync(pings);
        }

        await raw.Peer.SendAsync(TestFrames.Encode(FrameType.Credit, new CreditBody(1)));
        await raw.Receiver.NextAsync();

        Assert.True(raw.Connection.Statistics.ControlFramesRefused > 0);
        Assert.False(raw.Run.IsCompleted);
    }

    [Fact]
    public async Task Run_OnAGoodbyeFullOfControlCharacters_ShowsNone()
    {
        await using Raw raw = await Raw.OpenAsync();

        await raw.Peer.SendAsync(TestFrames.Encode(FrameType.Goodbye, new GoodbyeBody(Reason.Cancelled, "a\u001b[2Jb\nc\u202ed")));

        PumpEnd end = await raw.Run.WithinDeadline();
        Assert.Equal(PumpEndReason.PeerClosed, end.Reason);
        Assert.DoesNotContain(end.Problem!.Detail, c => char.IsControl(c) || c == '\u202e');
    }

    [Fact]
    [Trait("row", "N5")]
    public async Task Run_WithABitFlippedOnTheWay_IsResetAndDeliversNothingWrong()
    {
        using var forge = new CertificateForge(TimeProvider.System.GetUtcNow());
        await using TestNode a = Pair.Node(forge, "a", Options);
        await using TestNode b = await Pair.Node(forge, "b", Options).ListenAsync();
        await using var relay = new FlippingRelay(connections: 1, flipAt: 500_000) { Target = b.Listener.LocalEndPoint };
        await using DataConnection atA = await new DataDialer(a.Plane).DialAsync(relay.Address, b.Name, CancellationToken.None).WithinDeadline();
        await using DataConnection atB = await b.NextAcceptedAsync();
        var receiver = new RecordingReceiver();
        Task<PumpEnd> runA = atA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        Task<PumpEnd> runB = atB.RunAsync(receiver, CancellationToken.None);

        for (uint chunk = 0; chunk < 20; chunk++)
        {
            if (!await atA.SendChunkAsync(await TestFrames.ChunkAsync(a.SendBuffers, chunk, 100_000), CancellationToken.None))
            {
                break;
            }
        }

        Assert.Equal(PumpEndReason.Reset, (await runB.WithinDeadline()).Reason);
        Assert.NotEqual(PumpEndReason.Drained, (await runA.WithinDeadline()).Reason);
        Assert.Equal(4, receiver.Count);
        for (uint chunk = 0; chunk < 4; chunk++)
        {
            TestFrames.AssertChunk((await receiver.NextAsync()).Body, chunk, 100_000);
        }
    }

    /// <summary>Sends chunks from a to b, which nobody reads, until no more go; the result is that of the first that was not taken.</summary>
    private static Task<bool> FillAsync(Pair pair) => Task.Run(async () =>
    {
        for (uint chunk = 0; ; chunk++)
        {
            if (!await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, chunk, 1024 * 1024), CancellationToken.None))
            {
                return false;
            }
        }
    });
}
