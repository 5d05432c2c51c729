using System.Net;
using System.Net.Sockets;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Tests.Support;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Connections;

/// <summary>Peers with a good certificate that send what cannot be, or one byte at a time, and strangers in great numbers.</summary>
public sealed class HostilePeerTests
{
    /// <summary>Types with lengths on the wire, as bits: -1, 2^31 and 2^31 - 1 in fields of 32 bits; more does not fit a header.</summary>
    public static TheoryData<FrameType, int> ImpossibleLengths
    {
        get
        {
            var data = new TheoryData<FrameType, int>();
            foreach (FrameType type in new[] { FrameType.Chunk, FrameType.ManifestPage, FrameType.Ack, FrameType.Ping, (FrameType)200 })
            {
                foreach (int length in new[] { -1, int.MinValue, int.MaxValue, (16 * 1024 * 1024) + (64 * 1024) + 1 })
                {
                    data.Add(type, length);
                }
            }

            return data;
        }
    }

    [Theory]
    [Trait("row", "N9")]
    [MemberData(nameof(ImpossibleLengths))]
    public async Task Run_OnALengthThatCannotBe_RentsNothingClosesAndServesOthers(FrameType type, int length)
    {
        await using Raw raw = await Raw.OpenAsync();
        byte[] header = new byte[FrameHeader.Size];
        TestFrames.Header(type, chunk: uint.MaxValue, wireLength: length).Write(header);

        await raw.Peer.SendAsync(header);

        (_, byte[] body) = await raw.Peer.ReadUntilAsync(FrameType.Goodbye);
        Assert.True(GoodbyeBody.TryRead(body, out GoodbyeBody? goodbye));
        Assert.Equal(Reason.ProtocolViolation, goodbye.Reason);
        raw.Peer.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(PumpEndReason.ProtocolViolation, (await raw.Run.WithinDeadline()).Reason);
        Assert.Equal((0, 0L), (raw.Node.ReceiveBuffers.Outstanding, raw.Node.ReceiveBuffers.Waits));
        await raw.AssertServesOthersAsync();
    }

    // Each byte is a record of TLS.
    [Fact]
    [Trait("row", "N10")]
    public async Task Run_OnFramesByteByByte_TakesThemAsAnyOther()
    {
        await using Raw raw = await Raw.OpenAsync();
        byte[] payload = [.. Enumerable.Range(0, 300).Select(i => (byte)i)];
        byte[] frames = [.. TestFrames.Encode(FrameType.Credit, new CreditBody(7)), .. TestFrames.Encode(TestFrames.Header(FrameType.Chunk, 9, 268, 300), payload)];

        foreach (byte one in frames)
        {
            await raw.Peer.SendAsync([one]);
        }

        Assert.Equal(FrameType.Credit, (await raw.Receiver.NextAsync()).Header.Type);
        (FrameHeader header, byte[] body) = await raw.Receiver.NextAsync();
        Assert.Equal((FrameType.Chunk, 9u), (header.Type, header.Chunk.Value));
        Assert.Equal(payload, body);
    }

    [Theory]
    [Trait("row", "N11")]
    [InlineData(FrameType.Chunk, 1_000_000)]
    [InlineData(FrameType.Ping, 8)]
    public async Task Run_WithAPeerThatWritesAByteASecond_IsLostWithThreeHeartbeats(FrameType type, int length)
    {
        ManualTime time = ManualTime.FromNow();
        await using Raw raw = await Raw.OpenAsync(time: time);
        byte[] frame = TestFrames.Encode(TestFrames.Header(type, wireLength: length), new byte[length]);

        for (int second = 0; second < 15; second++)
        {
            Assert.False(raw.Run.IsCompleted);
            await raw.Peer.SendAsync([frame[second]]);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(PumpEndReason.HeartbeatLost, (await raw.Run.WithinDeadline()).Reason);
        Assert.Equal(0, raw.Node.ReceiveBuffers.Outstanding);
    }

    [Fact]
    [Trait("row", "N11")]
    public async Task Run_WithAPeerThatReadsAByteASecond_IsLostAndHoldsNoMoreThanItsQueue()
    {
        ManualTime time = ManualTime.FromNow();
        var options = new DataPlaneOptions { SocketBufferBytes = 64 * 1024 };
        await using Raw raw = await Raw.OpenAsync(options, time);
        Task<bool> stuck = Task.Run(async () =>
        {
            for (uint chunk = 0; await raw.Connection.SendChunkAsync(await TestFrames.ChunkAsync(raw.Node.SendBuffers, chunk, 1024 * 1024), CancellationToken.None); chunk++)
            {
            }

            return true;
        });
        await Eventually.TrueAsync(() => raw.Connection.Statistics.ChunkWaits > 0, "the queue is full");
        byte[] one = new byte[1];

        // The socket's own buffer may take a part meanwhile, which is progress; then nothing moves.
        for (int second = 0; second < 120 && !raw.Run.IsCompleted; second++)
        {
            await raw.Peer.Socket.ReceiveAsync(one).WithinDeadline();
            Assert.InRange(raw.Node.SendBuffers.Outstanding, 0, options.ChunkQueueFrames + 2);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(PumpEndReason.HeartbeatLost, (await raw.Run.WithinDeadline()).Reason);
        Assert.True(await stuck.WithinDeadline());
        Assert.Equal(0, raw.Node.SendBuffers.Outstanding);
    }

    // They stay: the deadline is of a clock that stands.
    [Fact]
    [Trait("row", "N12")]
    public async Task Listen_UnderTwoThousandStrangers_HoldsItsCapsAndOpenConnectionsGoOn()
    {
        const int Addresses = 100;
        const int OfEach = 20;
        const int AtOnce = 400;
        ManualTime time = ManualTime.FromNow();
        await using Raw live = await Raw.OpenAsync(time: time);
        var strangers = new List<Socket>();
        try
        {
            // Fewer at once than wait before the listener: what the system drops there comes again only after seconds, and that each time longer.
            foreach (int[] some in Enumerable.Range(0, Addresses * OfEach).Chunk(AtOnce))
            {
                Socket[] sockets = [.. some.Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))];
                strangers.AddRange(sockets);
                await Task.WhenAll(sockets.Zip(some, (socket, i) => ConnectAsync(socket, new IPAddress([127, 0, 1, (byte)((i / OfEach) + 1)]), live.Node.Listener.LocalEndPoint.Port))).WithinDeadline();
                await Eventually.TrueAsync(() => live.Node.Listener.Statistics is var seen && seen.Refused + seen.InHandshake >= strangers.Count, "all were looked at");
            }

            Assert.Equal(256, live.Node.Listener.Statistics.InHandshake);
            await live.Peer.SendAsync(TestFrames.Encode(FrameType.Credit, new CreditBody(1)));
            Assert.Equal(FrameType.Credit, (await live.Receiver.NextAsync()).Header.Type);

            time.Advance(TimeSpan.FromSeconds(5));
            await Eventually.TrueAsync(() => live.Node.Listener.Statistics.InHandshake == 0, "the slots are free");
            await live.AssertServesOthersAsync();
        }
        finally
        {
            strangers.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    [Trait("row", "N12")]
    public async Task Listen_ForAPeerThatOpensManyConnections_HoldsItsCapAndServesOthers()
    {
        using var forge = new CertificateForge(TimeProvider.System.GetUtcNow());
        await using TestNode listener = await Pair.Node(forge, "a").ListenAsync();
        await using TestNode greedy = Pair.Node(forge, "b");
        await using TestNode other = Pair.Node(forge, "c");
        var open = new List<DataConnection>();
        int refused = 0;
        for (int i = 0; i < 48; i++)
        {
            try
            {
                open.Add(await greedy.DialAsync(listener));
            }
            catch (ClusterTransferException)
            {
                refused++;
            }
        }

        int most = listener.Plane.Options.MaxConnectionsPerPeer;
        Assert.Equal((most, 48 - most, most), (open.Count, refused, listener.Listener.Statistics.Open));
        open.Add(await other.DialAsync(listener));
        for (int i = 0; i < open.Count; i++)
        {
            await (await listener.NextAcceptedAsync()).DisposeAsync();
        }

        foreach (DataConnection connection in open)
        {
            await connection.DisposeAsync();
        }
    }

    private static async Task ConnectAsync(Socket socket, IPAddress from, int port)
    {
        socket.Bind(new IPEndPoint(from, 0));
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            // Refused so soon that it never knew it was connected.
        }
    }
}
