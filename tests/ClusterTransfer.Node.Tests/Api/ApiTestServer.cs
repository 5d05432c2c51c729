using System.Net;
using ClusterTransfer.Node.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ClusterTransfer.Node.Tests.Api;

/// <summary>The real API over a real Kestrel on loopback, with doubles behind it. Stopping and starting again keeps the port.</summary>
internal sealed class ApiTestServer : IAsyncDisposable
{
    public const string TokenText = "q7J0bq2dS5yLrV3nXk8wTz1aUe4mHc6oPgRfYiBsD9E";

    private WebApplication? _app;
    private int _port;

    public ManualTransferService Transfers { get; } = new(TimeProvider.System);

    public ManualClusterView Cluster { get; } = new();

    public ApiServerOptions Options { get; init; } = new() { Token = new ApiToken(TokenText) };

    /// <summary>What is mapped, as METHOD path.</summary>
    public IEnumerable<string> Endpoints => _app!.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(method => $"{method} {endpoint.RoutePattern.RawText}"));

    public Uri Address => new($"http://127.0.0.1:{_port}");

    public static async Task<ApiTestServer> StartAsync(ApiServerOptions? options = null)
    {
        var server = options is null ? new ApiTestServer() : new ApiTestServer { Options = options };
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            ApiServer.Limit(kestrel, Options);
            kestrel.Listen(IPAddress.Loopback, _port);
        });
        ApiServer.AddServices(builder.Services);
        _app = builder.Build();
        _app.UseRouting();
        ApiEndpoints.Map(_app, Transfers, Cluster, Options);
        _app.UseEndpoints(_ => { });
        await _app.StartAsync();
        _port = new Uri(_app.Urls.Single()).Port;
    }

    public async Task StopAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>A client that sends the right token.</summary>
    public HttpClient CreateClient()
    {
        var client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan }) { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", TokenText);
        return client;
    }
}
