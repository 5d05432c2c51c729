using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Transport.Connections;

/// <summary>A socket whose peer is proven by TLS, and what guards the bytes on it; closes both, once.</summary>
internal sealed class SecureLink : IAsyncDisposable
{
    // What a peer may still have under way when it is refused; more than that it has to lose.
    private const int MaxDrainedBytes = 1024 * 1024;

    private readonly HandshakeStream _underTls;

    public SecureLink(Socket socket, HandshakeStream underTls, SslStream tls, RecordLayer layer)
    {
        (Socket, _underTls, Stream, Layer) = (socket, underTls, tls, layer);
        TlsVersion = tls.SslProtocol.ToString();
        Remote = socket.RemoteEndPoint?.ToString() ?? "?";
    }

    /// <summary>Owned.</summary>
    public Socket Socket { get; }

    /// <summary>What frames are read from and written to: TLS, until it is left. Owned.</summary>
    public Stream Stream { get; private set; }

    /// <summary>What was agreed to guard the bytes.</summary>
    public RecordLayer Layer { get; }

    /// <summary>The peer's node name, from its certificate.</summary>
    public required NodeId Peer { get; init; }

    /// <summary>Whether this end opened it.</summary>
    public required bool Dialled { get; init; }

    /// <summary>SHA-256 of this end's certificate.</summary>
    public required byte[] LocalCertificateHash { get; init; }

    /// <summary>SHA-256 of the peer's certificate.</summary>
    public required byte[] PeerCertificateHash { get; init; }

    /// <summary>For logs.</summary>
    public string TlsVersion { get; private set; }

    /// <summary>The peer's address and port, for logs.</summary>
    public string Remote { get; }

    /// <summary>Goes on without TLS, of which not one byte more is read or written. Both ends have said inside it that they do so.</summary>
    /// <param name="layer">Makes what guards the bytes from now on.</param>
    /// <param name="name">For logs.</param>
    public LayerStream LeaveTls(Func<Socket, LayerStream> layer, string name)
    {
        _underTls.Detach();
        Stream.Dispose();
        LayerStream next = layer(Socket);
        Stream = next;
        TlsVersion = $"{TlsVersion}, {name}";
        return next;
    }

    /// <summary>Ends sending and reads on until the peer ends too: closing with unread bytes would reset the connection and
    /// take the last frame with it.</summary>
    public async Task LingerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await EndSendingAsync(cancellationToken).ConfigureAwait(false);
            byte[] unread = new byte[4096];
            int read = 1;
            for (int drained = 0; read > 0 && drained < MaxDrainedBytes; drained += read)
            {
                // Below all layers: nobody looks at these bytes any more.
                read = await Socket.ReceiveAsync(unread, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It was a courtesy; the connection is closed either way.
        }
    }

    /// <summary>Tells the peer that nothing more comes.</summary>
    public async Task EndSendingAsync(CancellationToken cancellationToken)
    {
        switch (Stream)
        {
            case SslStream tls:
                await EndTlsAsync(tls).ConfigureAwait(false);
                break;
            case LayerStream layer:
                await EndRecordsAsync(layer, cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }

        Socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task EndRecordsAsync(LayerStream layer, CancellationToken cancellationToken)
    {
        try
        {
            await layer.EndAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CryptographicException error)
        {
            throw new IOException("The last record could not be sealed.", error);
        }
    }

    // Once a record was damaged OpenSSL refuses to end in order, with an exception of a type that only the runtime can name.
    private static async Task EndTlsAsync(SslStream tls)
    {
        try
        {
            await tls.ShutdownAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (IOException or ObjectDisposedException or InvalidOperationException))
        {
            throw new IOException("TLS could not be ended in order.", error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // A broken stream cannot be closed in order; the socket still is.
        }

        Socket.Dispose();
    }
}
