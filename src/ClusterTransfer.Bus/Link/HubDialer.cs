using System.Net.Http;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using ClusterTransfer.Model;

namespace ClusterTransfer.Bus;

/// <summary>Opens WebSockets to the hub. The TLS options carry this node's certificate and the check of the hub's.</summary>
public sealed class HubDialer : IDisposable
{
    private readonly Uri _hub;
    private readonly HttpMessageInvoker _invoker;

    /// <summary>Makes a dialer.</summary>
    /// <param name="hub">For example <c>wss://hub.example:7401/bus</c>.</param>
    /// <param name="tls">Client certificate and remote validation; null for plain <c>ws</c>, in tests only.</param>
    /// <param name="connectTimeout">For the TCP connection and its handshakes.</param>
    public HubDialer(Uri hub, SslClientAuthenticationOptions? tls, TimeSpan connectTimeout)
    {
        _hub = hub;
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,           // the hub is named by its own address; a proxy of the environment is not trusted with it
            UseCookies = false,
            AllowAutoRedirect = false,  // only the configured address is the hub
            ConnectTimeout = connectTimeout,
        };
        if (tls is not null)
        {
            handler.SslOptions = tls;
        }

        _invoker = new HttpMessageInvoker(handler);
    }

    /// <summary>Opens one socket; the caller owns it.</summary>
    /// <exception cref="ClusterTransferException"><see cref="Reason.IdentityRefused"/> when TLS failed, else <see cref="Reason.HubUnreachable"/>.</exception>
    public async Task<WebSocket> DialAsync(CancellationToken cancellationToken)
    {
        ClientWebSocket socket = new();
        try
        {
            socket.Options.KeepAliveInterval = TimeSpan.Zero;   // the bus has its own heartbeat
            await socket.ConnectAsync(_hub, _invoker, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch (Exception error) when (error is WebSocketException or HttpRequestException or IOException)
        {
            socket.Dispose();
            throw HasAuthenticationFailure(error)
                ? new ClusterTransferException(Reason.IdentityRefused, $"TLS with the hub at {_hub.Authority} failed: {error.GetBaseException().Message}", error)
                : new ClusterTransferException(Reason.HubUnreachable, $"The hub at {_hub.Authority} does not answer: {error.GetBaseException().Message}", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();

    private static bool HasAuthenticationFailure(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is AuthenticationException)
            {
                return true;
            }
        }

        return false;
    }
}
