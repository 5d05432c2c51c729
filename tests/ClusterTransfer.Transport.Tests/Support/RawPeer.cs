using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>A hand-driven client: speaks TLS as it is told and sends whatever bytes the test wants.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private RawPeer(Socket socket, SslStream tls) => (Socket, Tls) = (socket, tls);

    public Socket Socket { get; }

    public SslStream Tls { get; }

    public static async Task<Socket> ConnectAsync(TestNode target)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(target.Listener.LocalEndPoint).WithinDeadline();
        return socket;
    }

    public static async Task<RawPeer> ConnectAsync(
        TestNode target, X509Certificate2? certificate, SslProtocols versions = SslProtocols.Tls13, string? protocol = "ct/1")
    {
        Socket socket = await ConnectAsync(target);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "x",
                EnabledSslProtocols = versions,
                ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)],
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
#pragma warning disable CA5359 // The test is about what the other end accepts.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            }).WithinDeadline();
            return new RawPeer(socket, tls);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects and says a proper Hello.</summary>
    public static async Task<RawPeer> GreetAsync(TestNode target, X509Certificate2 certificate, Func<HelloBody, HelloBody>? change = null)
    {
        RawPeer peer = await ConnectAsync(target, certificate);
        var hello = new HelloBody(1, 1, new NodeId("b"), Incarnation.New(), "raw", 0, 4 * 1024 * 1024, 16, new byte[32]);
        await peer.SendAsync(TestFrames.Encode(FrameType.Hello, change?.Invoke(hello) ?? hello));
        return peer;
    }

    public Task SendAsync(byte[] bytes) => Tls.WriteAsync(bytes).AsTask().WithinDeadline();

    /// <summary>The next frame; null at the end of the stream.</summary>
    public async Task<(FrameHeader Header, byte[] Body)?> ReadAsync()
    {
        byte[] header = new byte[FrameHeader.Size];
        int read = await Tls.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false).AsTask().WithinDeadline();
        if (read == 0)
        {
            return null;
        }

        Assert.True(FrameHeader.TryRead(header, out FrameHeader found, out _));
        byte[] body = new byte[found.WireLength];
        await Tls.ReadExactlyAsync(body).AsTask().WithinDeadline();
        return (found, body);
    }

    /// <summary>Reads on to a frame of that type.</summary>
    public async Task<(FrameHeader Header, byte[] Body)> ReadUntilAsync(FrameType type)
    {
        while (true)
        {
            (FrameHeader Header, byte[] Body) frame = await ReadAsync() ?? throw new EndOfStreamException($"The stream ended before {type}.");
            if (frame.Header.Type == type)
            {
                return frame;
            }
        }
    }

    public void Reset()
    {
        Socket.LingerState = new LingerOption(true, 0);
        Socket.Close();
    }

    public ValueTask DisposeAsync() => Tls.DisposeAsync();
}
