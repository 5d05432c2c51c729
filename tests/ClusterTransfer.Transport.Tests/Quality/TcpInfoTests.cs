using System.Net;
using System.Net.Sockets;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Quality;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Quality;

/// <summary>What the kernel says of a TCP connection.</summary>
public sealed class TcpInfoTests
{
    [Fact]
    public void Parse_OfWhatAKernelWrote_HasEachFieldFromItsPlace()
    {
        byte[] info = new byte[216];
        Put(info, 68, 100_250u);
        Put(info, 148, 99_000u);
        Put(info, 120, 1_000_000_007UL);
        Put(info, 160, 25_000_000UL);
        Put(info, 200, 1_010_000_000UL);
        Put(info, 208, 9_999_993UL);

        Assert.Equal(
            new LinkQuality(TimeSpan.FromMicroseconds(100_250), TimeSpan.FromMicroseconds(99_000), 1_000_000_007, 1_010_000_000, 9_999_993, 25_000_000),
            TcpInfo.Parse(info));
    }

    [Fact]
    public void Parse_BeforeARoundTripWasMeasured_IsNull()
    {
        byte[] info = new byte[216];
        Put(info, 148, uint.MaxValue);

        Assert.Null(TcpInfo.Parse(info));
    }

    [Fact]
    public async Task Read_OfAnOpenConnection_KnowsItsRoundTripAndWhatWasAcknowledged()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has TCP_INFO");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndpoint).WithinDeadline();
        using Socket far = await listener.AcceptSocketAsync().WithinDeadline();
        await near.SendAsync(new byte[1000]);
        byte[] received = new byte[1000];
        await new NetworkStream(far).ReadExactlyAsync(received).AsTask().WithinDeadline();

        // An answer carries the acknowledgement.
        await far.SendAsync(new byte[1]);
        await near.ReceiveAsync(received).WithinDeadline();
        LinkQuality quality = Assert.NotNull(TcpInfo.Read(near));

        Assert.InRange(quality.RoundTrip, TimeSpan.FromMicroseconds(1), TimeSpan.FromMinutes(1));
        Assert.InRange(quality.LeastRoundTrip, TimeSpan.Zero, quality.RoundTrip + TimeSpan.FromMinutes(1));
        Assert.InRange(quality.BytesAcknowledged, 1000, 1002);   // the segments that opened it count as one byte
        Assert.InRange(quality.BytesPutOnWire, 1000, 1_000_000);
    }

    [Fact]
    public void Read_OfAClosedSocket_IsNull()
    {
        var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Dispose();

        Assert.Null(TcpInfo.Read(closed));
    }

    [Fact]
    public async Task Quality_OfADataConnection_IsThatOfItsSocket_AndNullOnceItIsClosed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has TCP_INFO");
        await using Pair pair = await Pair.OpenAsync(new DataPlaneOptions());

        LinkQuality quality = Assert.NotNull(pair.AtA.Quality);
        await pair.AtA.DisposeAsync();

        Assert.True(quality.BytesAcknowledged > 1000);   // a handshake
        Assert.Null(pair.AtA.Quality);
    }

    private static void Put(byte[] info, int offset, uint value) => BitConverter.TryWriteBytes(info.AsSpan(offset), value);

    private static void Put(byte[] info, int offset, ulong value) => BitConverter.TryWriteBytes(info.AsSpan(offset), value);
}
