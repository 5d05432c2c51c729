using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>A hand-driven listener with a good certificate: goes through TLS, hears the dialler's offer and Hello, and then says what the test wants.</summary>
internal sealed class RawAcceptor : IDisposable
{
    private readonly TcpListener _port = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;

    public RawAcceptor(X509Certificate2 certificate)
    {
        _certificate = certificate;
        _port.Start();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_port.LocalEndpoint).Port}";

    public Socket Socket { get; private set; } = null!;

    public SslStream Tls { get; private set; } = null!;

    public SealOffer Offer { get; private set; }

    public HelloBody DiallerHello { get; private set; } = null!;

    /// <summary>Hello of this end.</summary>
    public HelloBody Hello { get; } = new(1, 1, new Model.NodeId("b"), Model.Incarnation.New(), "raw", 0, 4 * 1024 * 1024, 16, new byte[32]);

    public async Task AcceptAsync(string protocol = "ct/1-sealed")
    {
        Socket = await _port.AcceptSocketAsync().WithinDeadline();
        Socket.NoDelay = true;
        Tls = new SslStream(new HandshakeStream(Socket));
        await Tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(_certificate, null, offline: true),
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowTlsResume = false,
            ApplicationProtocols = [new SslApplicationProtocol(protocol)],
#pragma warning disable CA5359 // The test is about what the other end accepts.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        }).WithinDeadline();
    }

    public async Task HearAsync()
    {
        byte[] offered = new byte[SealOffer.Size];
        await Tls.ReadExactlyAsync(offered).AsTask().WithinDeadline();
        Assert.True(SealOffer.TryRead(offered, RecordLayer.Sealed, out SealOffer offer));
        Offer = offer;
        byte[] header = new byte[FrameHeader.Size];
        await Tls.ReadExactlyAsync(header).AsTask().WithinDeadline();
        Assert.True(FrameHeader.TryRead(header, out FrameHeader read, out _));
        byte[] body = new byte[read.WireLength];
        await Tls.ReadExactlyAsync(body).AsTask().WithinDeadline();
        Assert.True(HelloBody.TryRead(body, out HelloBody? hello));
        DiallerHello = hello;
    }

    public Task SendAsync(params byte[][] parts) => Tls.WriteAsync((byte[])[.. parts.SelectMany(part => part)]).AsTask().WithinDeadline();

    public void Dispose()
    {
        _port.Dispose();
        Tls?.Dispose();
        Socket?.Dispose();
    }
}
