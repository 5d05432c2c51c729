using System.Net;
using System.Net.Sockets;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>Two connected sockets on loopback.</summary>
internal sealed record SocketPair(Socket Dialler, Socket Acceptor) : IDisposable
{
    public static async Task<SocketPair> OpenAsync(int? bufferBytes = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.ReceiveBufferSize = bufferBytes ?? listener.ReceiveBufferSize;
        listener.Listen();
        var dialler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        dialler.SendBufferSize = bufferBytes ?? dialler.SendBufferSize;
        await dialler.ConnectAsync(listener.LocalEndPoint!);
        return new SocketPair(dialler, await listener.AcceptAsync());
    }

    public void Dispose()
    {
        Dialler.Dispose();
        Acceptor.Dispose();
    }
}
