using System.Net;
using ClusterTransfer.Node.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTransfer.Node.Hosting;

/// <summary>The server that carries the API.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app) => _app = app;

    /// <summary>Its base address, with the port that was bound.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<ApiHost> StartAsync(
        IPEndPoint listen, string tokenFile, ITransferService transfers, IClusterView cluster, TimeProvider time, CancellationToken cancellationToken)
    {
        var options = new ApiServerOptions { Token = ApiToken.LoadOrCreate(tokenFile), TimeProvider = time };
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ApiServer.AddServices(builder.Services);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            ApiServer.Limit(kestrel, options);
            kestrel.Listen(listen);
        });
        WebApplication app = builder.Build();
        app.UseRouting();
        ApiEndpoints.Map(app, transfers, cluster, options);
        await ListeningServer.StartAsync(app, "api.listen", listen, cancellationToken).ConfigureAwait(false);
        return new ApiHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
