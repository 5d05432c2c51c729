using System.Net.Security;
using System.Net.Sockets;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Connections;

/// <summary>A socket with TLS on it whose peer is proven; closes both, once.</summary>
/// <param name="Socket">Owned.</param>
/// <param name="Stream">What frames are read from and written to. Owned.</param>
/// <param name="Peer">The peer's node name, from its certificate.</param>
/// <param name="Dialled">Whether this end opened it.</param>
/// <param name="TlsVersion">For logs.</param>
/// <param name="LocalCertificateHash">SHA-256 of this end's certificate.</param>
/// <param name="PeerCertificateHash">SHA-256 of the peer's certificate.</param>
internal sealed record SecureLink(
    Socket Socket, Stream Stream, NodeId Peer, bool Dialled, string TlsVersion, byte[] LocalCertificateHash, byte[] PeerCertificateHash) : IAsyncDisposable
{
    // What a peer may still have under way when it is refused; more than that it has to lose.
    private const int MaxDrainedBytes = 1024 * 1024;

    /// <summary>The peer's address and port, for logs.</summary>
    public string Remote { get; } = Socket.RemoteEndPoint?.ToString() ?? "?";

    /// <summary>Ends sending and reads on until the peer ends too: closing with unread bytes would reset the connection and
    /// take the last frame with it.</summary>
    public async Task LingerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await EndSendingAsync().ConfigureAwait(false);
            byte[] unread = new byte[4096];
            int read = 1;
            for (int drained = 0; read > 0 && drained < MaxDrainedBytes; drained += read)
            {
                // Below TLS: nobody looks at these bytes any more.
                read = await Socket.ReceiveAsync(unread, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It was a courtesy; the connection is closed either way.
        }
    }

    /// <summary>Tells the peer that nothing more comes.</summary>
    public async Task EndSendingAsync()
    {
        if (Stream is SslStream tls)
        {
            await tls.ShutdownAsync().ConfigureAwait(false);
        }

        Socket.Shutdown(SocketShutdown.Send);
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
