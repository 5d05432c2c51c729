using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.TestKit.Proxy;

/// <summary>The proxy's link to one of the two nodes: TLS, and then whatever layer that node agreed to.</summary>
#pragma warning disable CA5359 // It stands between nodes that a test made, with their own keys; who they are is theirs to check, through it.
internal sealed class ProxiedEnd : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly HandshakeStream _underTls;

    private ProxiedEnd(Socket socket)
    {
        _socket = socket;
        _underTls = new HandshakeStream(socket);
        Stream = new SslStream(_underTls, leaveInnerStreamOpen: true);
    }

    /// <summary>What frames come from and go to.</summary>
    public Stream Stream { get; private set; }

    /// <summary>What was agreed.</summary>
    public SslApplicationProtocol Protocol { get; private set; }

    public static async Task<ProxiedEnd> AcceptAsync(Socket socket, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        var end = new ProxiedEnd(socket);
        await ((SslStream)end.Stream).AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
                ClientCertificateRequired = true,
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false,
                ApplicationProtocols = [LayerProtocols.Sealed, LayerProtocols.Tls],
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            },
            cancellationToken);
        return end.Agreed();
    }

    public static async Task<ProxiedEnd> DialAsync(Socket socket, X509Certificate2 certificate, SslApplicationProtocol protocol, CancellationToken cancellationToken)
    {
        var end = new ProxiedEnd(socket);
        await ((SslStream)end.Stream).AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "proxied",
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
                EnabledSslProtocols = SslProtocols.Tls13,
                AllowTlsResume = false,
                ApplicationProtocols = [protocol],
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            },
            cancellationToken);
        return end.Agreed();
    }

    public async Task LeaveTlsAsync(SealContext context, bool dialled, CancellationToken cancellationToken)
    {
        _underTls.Detach();
        await Stream.DisposeAsync();
        var records = new SealedStream(new ProgressSocket(_socket, new Liveness(TimeProvider.System, new DataPlaneOptions())), context, dialled);
        Stream = records;
        await records.BeginAsync(dialled, cancellationToken);
    }

    /// <summary>Says that nothing more comes.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        try
        {
            await (Stream is LayerStream layer ? layer.EndAsync(cancellationToken).AsTask() : ((SslStream)Stream).ShutdownAsync());
        }
        catch (Exception error) when (error is not (IOException or OperationCanceledException or ObjectDisposedException))
        {
            // OpenSSL's, of a connection that broke, has a type that only the runtime can name.
            throw new IOException("The connection could not be ended in order.", error);
        }

        _socket.Shutdown(SocketShutdown.Send);
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private ProxiedEnd Agreed()
    {
        Protocol = ((SslStream)Stream).NegotiatedApplicationProtocol;
        if (Protocol == LayerProtocols.Tls)
        {
            _underTls.PassThrough();
        }

        return this;
    }
}
