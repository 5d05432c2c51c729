using System.Net;
using System.Security.Authentication;
using ClusterTransfer.Bus;
using ClusterTransfer.Transport.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Hosting;

/// <summary>The hub's door for other nodes: one WebSocket endpoint over mutual TLS 1.3, and nothing else.</summary>
internal sealed class BusServer : IAsyncDisposable
{
    /// <summary>Path of the endpoint.</summary>
    public const string Path = "/bus";

    private const int MaxLinks = 512;

    private readonly WebApplication _app;

    private BusServer(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => IPEndPoint.Parse(new Uri(
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Authority);

    /// <summary>Starts to listen.</summary>
    public static async Task<BusServer> StartAsync(
        IPEndPoint listen, EmbeddedHub hub, NodeIdentity identity, PeerVerifier verifier, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxLinks;
            kestrel.Limits.MaxConcurrentUpgradedConnections = MaxLinks;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(listen, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                endpoint.UseHttps(https =>
                {
                    https.ServerCertificate = identity.Certificate;
                    https.SslProtocols = SslProtocols.Tls13;
                    https.HandshakeTimeout = TimeSpan.FromSeconds(5);
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.CheckCertificateRevocation = false;
                    https.ClientCertificateValidation = (certificate, _, _) => verifier.Verify(certificate).IsAccepted;
                    https.OnAuthenticate = (_, tls) => tls.AllowTlsResume = false;
                });
            });
        });
        WebApplication app = builder.Build();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        app.Run(context => ServeAsync(context, hub, verifier));
        await ListeningServer.StartAsync(app, "hub.listen", listen, cancellationToken).ConfigureAwait(false);
        return new BusServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task ServeAsync(HttpContext context, EmbeddedHub hub, PeerVerifier verifier)
    {
        PeerVerdict peer = verifier.Verify(context.Connection.ClientCertificate);
        if (context.Request.Path != Path || !context.WebSockets.IsWebSocketRequest || !peer.IsAccepted)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await hub.AcceptAsync(await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false), peer.Node, context.RequestAborted).ConfigureAwait(false);
    }
}
