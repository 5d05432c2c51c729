using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Transport.Tests.Support;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>Frames between two real ends over loopback.</summary>
public class DataConnectionTests
{
    /// <summary>What guards the bytes.</summary>
    protected virtual RecordLayer Layer => RecordLayer.Sealed;

    private DataPlaneOptions Options => new() { RecordLayer = Layer };

    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task Run_WithFramesBothWays_DeliversThemInOrder()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        var atA = new RecordingReceiver();
        var atB = new RecordingReceiver();
        Task<PumpEnd> a = pair.AtA.RunAsync(atA, CancellationToken.None);
        Task<PumpEnd> b = pair.AtB.RunAsync(atB, CancellationToken.None);

        int[] sizes = [0, 1, 16 * 1024 - FrameHeader.Size - 32, 16 * 1024, 4 * MiB, 16 * MiB];
        for (uint chunk = 0; chunk < sizes.Length; chunk++)
        {
            Assert.True(await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, chunk, sizes[chunk]), CancellationToken.None));
            (FrameHeader header, byte[] body) = await atB.NextAsync();
            Assert.Equal(TestFrames.Header(FrameType.Chunk, chunk, sizes[chunk], 32 + sizes[chunk]), header);
            TestFrames.AssertChunk(body, chunk, sizes[chunk]);
            Assert.True(pair.AtB.TrySend(TestFrames.Credit(chunk)));
            Assert.Equal(new CreditBody(chunk).ToArray(), (await atA.NextAsync()).Body);
        }

        pair.AtA.Complete();
        Assert.Equal(new PumpEnd(PumpEndReason.Drained, null), await a.WithinDeadline());
        Assert.Equal(new PumpEnd(PumpEndReason.PeerClosed, null), await b.WithinDeadline());
        Assert.Equal(1 + sizes.Length, pair.AtA.Statistics.FramesReceived);   // 1: the Hello
        Assert.Equal(pair.AtA.Statistics.BytesSent, pair.AtB.Statistics.BytesReceived);
    }

    [Fact]
    [Trait("row", "N10")]
    public async Task Run_WithManySmallFrames_DeliversEachOnce()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        var atB = new RecordingReceiver();
        _ = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        _ = pair.AtB.RunAsync(atB, CancellationToken.None);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < 5000; i++)
            {
                await pair.AtA.SendChunkAsync(TestFrames.Credit(i), CancellationToken.None);
            }
        });

        for (int i = 0; i < 5000; i++)
        {
            Assert.Equal(new CreditBody(i).ToArray(), (await atB.NextAsync()).Body);
        }

        await sending.WithinDeadline();
    }

    [Fact]
    public async Task Run_EightConnectionsAtOnce_DeliverEveryChunk()
    {
        const int Connections = 8;
        const uint Chunks = 200;
        const int Size = 64 * 1024;
        await using Pair pair = await Pair.OpenAsync(Options);
        var ends = new List<(DataConnection Out, DataConnection In)> { (pair.AtA, pair.AtB) };
        while (ends.Count < Connections)
        {
            DataConnection dialled = await pair.A.DialAsync(pair.B);
            ends.Add((dialled, await pair.B.NextAcceptedAsync()));
        }

        await Task.WhenAll(ends.Select(end => Task.Run(async () =>
        {
            var receiver = new RecordingReceiver();
            Task<PumpEnd> sends = end.Out.RunAsync(new RecordingReceiver(), CancellationToken.None);
            Task<PumpEnd> receives = end.In.RunAsync(receiver, CancellationToken.None);
            for (uint chunk = 0; chunk < Chunks; chunk++)
            {
                Assert.True(await end.Out.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, chunk, Size), CancellationToken.None));
            }

            for (uint chunk = 0; chunk < Chunks; chunk++)
            {
                TestFrames.AssertChunk((await receiver.NextAsync()).Body, chunk, Size);
            }

            end.Out.Complete();
            Assert.Equal(PumpEndReason.Drained, (await sends).Reason);
            Assert.Equal(PumpEndReason.PeerClosed, (await receives).Reason);
        }))).WithinDeadline();

        foreach ((DataConnection atA, DataConnection atB) in ends)
        {
            await atA.DisposeAsync();
            await atB.DisposeAsync();
        }
    }

    [Fact]
    public async Task Send_ControlFramesAndChunks_SendsControlFirst()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        var atB = new RecordingReceiver();
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 1, MiB), CancellationToken.None);
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 2, MiB), CancellationToken.None);
        Assert.True(pair.AtA.TrySend(TestFrames.Credit(1)));

        _ = pair.AtB.RunAsync(atB, CancellationToken.None);
        _ = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);

        FrameType[] types = [(await atB.NextAsync()).Header.Type, (await atB.NextAsync()).Header.Type, (await atB.NextAsync()).Header.Type];
        Assert.Equal([FrameType.Credit, FrameType.Chunk, FrameType.Chunk], types);
    }

    [Fact]
    public async Task TrySend_BeyondTheQueue_IsRefused()
    {
        await using Pair pair = await Pair.OpenAsync(Options);

        int taken = Enumerable.Range(0, 100).Count(i => pair.AtA.TrySend(TestFrames.Credit(i)));

        Assert.Equal(64, taken);
        Assert.Equal(36, pair.AtA.Statistics.ControlFramesRefused);
    }

    [Fact]
    public async Task SendChunk_WhenCancelledWhileWaiting_ReturnsTheLease()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 1, 100), CancellationToken.None);
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 2, 100), CancellationToken.None);
        using var giveUp = new CancellationTokenSource();
        Task<bool> third = pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 3, 100), giveUp.Token).AsTask();

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third.WithinDeadline());
        Assert.Equal(2, pair.A.SendBuffers.Outstanding);
        Assert.Equal(1, pair.AtA.Statistics.ChunkWaits);
    }

    [Fact]
    public async Task Run_WithAReceiverThatDoesNotReturn_StopsTheSenderWithinBounds()
    {
        var options = Options with { SocketBufferBytes = 64 * 1024 };
        await using Pair pair = await Pair.OpenAsync(options);
        var gate = new TaskCompletionSource();
        var atB = new RecordingReceiver { Gate = gate.Task };
        _ = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        _ = pair.AtB.RunAsync(atB, CancellationToken.None);
        const uint Chunks = 40;
        Task sending = Task.Run(async () =>
        {
            for (uint chunk = 0; chunk < Chunks; chunk++)
            {
                await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, chunk, MiB), CancellationToken.None);
            }
        });
        await atB.Entered.WithinDeadline();

        // A sender that is not stopped ends within this time; one that is stopped stays so, however long we wait.
        await Task.WhenAny(sending, Task.Delay(300));

        Assert.False(sending.IsCompleted);
        Assert.Equal(1, pair.B.ReceiveBuffers.Outstanding);
        Assert.InRange(pair.AtB.Statistics.BytesReceived, MiB, MiB + (64 * 1024));
        Assert.InRange(pair.AtA.Statistics.BytesSent, MiB, 4 * MiB);
        gate.SetResult();
        for (uint chunk = 0; chunk < Chunks; chunk++)
        {
            TestFrames.AssertChunk((await atB.NextAsync()).Body, chunk, MiB);
        }

        await sending.WithinDeadline();
    }

    [Fact]
    public async Task Run_WithTheReceivePoolExhausted_WaitsAndGoesOn()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        var held = new List<IDisposable>();
        while (pair.B.ReceiveBuffers.RentedBytes + pair.B.ReceiveBuffers.LargestRequest <= pair.B.ReceiveBuffers.CapacityBytes)
        {
            held.Add(await pair.B.ReceiveBuffers.RentAsync(16 * MiB, CancellationToken.None));
        }

        var atB = new RecordingReceiver();
        _ = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);
        _ = pair.AtB.RunAsync(atB, CancellationToken.None);
        await pair.AtA.SendChunkAsync(await TestFrames.ChunkAsync(pair.A.SendBuffers, 5, 16 * MiB - 1), CancellationToken.None);
        await Eventually.TrueAsync(() => pair.B.ReceiveBuffers.Waits == 1, "the pump waits for a buffer");

        held.ForEach(lease => lease.Dispose());

        TestFrames.AssertChunk((await atB.NextAsync()).Body, 5, 16 * MiB - 1);
    }

    [Fact]
    public async Task Run_Twice_IsABug()
    {
        await using Pair pair = await Pair.OpenAsync(Options);
        _ = pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => pair.AtA.RunAsync(new RecordingReceiver(), CancellationToken.None));
    }

    [Fact]
    public void OutgoingFrame_WithABodyTooLongForItsType_IsRefused() =>
        Assert.Throws<ArgumentException>(() => OutgoingFrame.Control(TestFrames.Header(FrameType.Credit), new byte[FrameLimits.ControlBody + 1]));

    [Fact]
    public async Task MaxChunkBytes_WithUnequalEnds_IsTheSmallerOne()
    {
        using var forge = new CertificateForge(TimeProvider.System.GetUtcNow());
        await using TestNode small = await Pair.Node(forge, "b", Options with { MaxChunkBytes = 2 * MiB }).ListenAsync();
        await using TestNode large = Pair.Node(forge, "a", Options);
        await using DataConnection atLarge = await large.DialAsync(small);
        await using DataConnection atSmall = await small.NextAcceptedAsync();

        Assert.Equal((2 * MiB, 2 * MiB), (atLarge.MaxChunkBytes, atSmall.MaxChunkBytes));
    }

    [Fact]
    public async Task MaxChunkBytes_WithASmallReceivePool_FitsThePool()
    {
        using var forge = new CertificateForge(TimeProvider.System.GetUtcNow());
        await using TestNode node = Pair.Node(forge, "a", Options);

        DataPlane small = node.Plane with { ReceiveBuffers = new BufferPool(5 * MiB) };

        Assert.Equal(4 * MiB, new DataPlane(small.Identity, small.Incarnation, small.Options, small.ReceiveBuffers, small.Time).NewHello().MaxChunkBytes);
        Assert.Throws<ArgumentException>(() => new DataPlane(small.Identity, small.Incarnation, small.Options, new BufferPool(MiB), small.Time));
    }
}
