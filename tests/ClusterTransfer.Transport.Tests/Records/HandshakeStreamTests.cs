using ClusterTransfer.Transport.Records;
using ClusterTransfer.Transport.Tests.Support;

namespace ClusterTransfer.Transport.Tests.Records;

/// <summary>What TLS gets to see of the socket, and what the socket of TLS.</summary>
public sealed class HandshakeStreamTests
{
    // Two records of TLS and what follows them, all there at once, read with more room than that.
    [Fact]
    public async Task Read_GoesNoFurtherThanTheRecordOfTls()
    {
        using SocketPair sockets = await SocketPair.OpenAsync();
        await using var stream = new HandshakeStream(sockets.Acceptor);
        byte[] first = [22, 3, 3, 0, 3, 1, 2, 3];
        byte[] empty = [23, 3, 3, 0, 0];
        byte[] last = [23, 3, 3, 1, 4, .. SealSamples.Text(260)];
        await sockets.Dialler.SendAsync((byte[])[.. first, .. empty, .. last, 9, 9, 9]);
        byte[] room = new byte[1000];
        var read = new List<byte>();
        var steps = new List<int>();

        while (read.Count < first.Length + empty.Length + last.Length)
        {
            int part = await stream.ReadAsync(room);
            steps.Add(part);
            read.AddRange(room[..part]);
        }

        Assert.Equal([5, 3, 5, 5, 260], steps);
        Assert.Equal([.. first, .. empty, .. last], read);
        Assert.Equal(3, await sockets.Acceptor.ReceiveAsync(room));
    }

    [Fact]
    public async Task PassThrough_ReadsAllThereIs()
    {
        using SocketPair sockets = await SocketPair.OpenAsync();
        await using var stream = new HandshakeStream(sockets.Acceptor);
        await sockets.Dialler.SendAsync((byte[])[23, 3, 3, 0, 1, 7, 23, 3, 3, 0, 1, 8]);

        stream.PassThrough();

        Assert.Equal(12, await stream.ReadAtLeastAsync(new byte[1000], 12));
    }

    [Fact]
    public async Task Detach_LetsNothingOfTlsReachTheSocket()
    {
        using SocketPair sockets = await SocketPair.OpenAsync();
        await using var stream = new HandshakeStream(sockets.Dialler);
        await stream.WriteAsync((byte[])[1]);

        stream.Detach();
        await stream.WriteAsync((byte[])[2]);
        stream.Write([3], 0, 1);
        await sockets.Dialler.SendAsync((byte[])[4]);
        sockets.Dialler.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        byte[] got = new byte[10];
        Assert.Equal(2, await new System.Net.Sockets.NetworkStream(sockets.Acceptor).ReadAtLeastAsync(got, 10, throwOnEndOfStream: false));
        Assert.Equal([1, 4], got[..2]);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.ReadExactlyAsync(got));
    }
}
