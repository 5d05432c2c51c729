using System.Net.WebSockets;
using ClusterTransfer.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Bus.Tests;

/// <summary>The embedded hub behind Kestrel on loopback, the links with real WebSockets; a node's name is in its path instead of a certificate.</summary>
internal sealed class EmbeddedCluster : BusCluster
{
    private readonly BusOptions _options = new() { ReconnectMin = TimeSpan.FromMilliseconds(20), ReconnectMax = TimeSpan.FromMilliseconds(200) };
    private readonly List<HubLink> _links = [];
    private EmbeddedHub? _hub;
    private WebApplication? _server;
    private volatile string? _address;

    public override async Task<IMessageBus> StartHubAsync(IBusReceiver receiver)
    {
        EmbeddedHub hub = new(Samples.Member("hub"), _options, TimeProvider.System);
        hub.Start(receiver);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication server = builder.Build();
        server.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });
        server.Map("/bus/{node}", async (string node, HttpContext context) =>
        {
            using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
            await hub.AcceptAsync(socket, new NodeId(node), context.RequestAborted);
        });
        await server.StartAsync();
        _address = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        (_hub, _server) = (hub, server);
        return hub;
    }

    public override Task<IMessageBus> JoinAsync(string name, IBusReceiver receiver)
    {
        HubLink link = new(Samples.Member(name), cancellation => DialAsync(name, cancellation), _options, TimeProvider.System);
        _links.Add(link);
        link.Start(receiver);
        return Task.FromResult<IMessageBus>(link);
    }

    public override async Task StopHubAsync()
    {
        _address = null;
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
            await _server!.DisposeAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (HubLink link in _links)
        {
            await link.DisposeAsync();
        }

        await StopHubAsync();
    }

    private async Task<WebSocket> DialAsync(string name, CancellationToken cancellationToken)
    {
        string address = _address ?? throw new ClusterTransferException(Reason.HubUnreachable, "The hub is not running.");
        Uri hub = new(address.Replace("http:", "ws:", StringComparison.Ordinal) + "/bus/" + name);
        using HubDialer dialer = new(hub, tls: null, TimeSpan.FromSeconds(5));
        return await dialer.DialAsync(cancellationToken);
    }
}

public sealed class EmbeddedBusContract : BusContract
{
    protected override BusCluster CreateCluster() => new EmbeddedCluster();
}
