using System.Net;
using System.Net.Sockets;
using ClusterTransfer.Model;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace ClusterTransfer.Node.Tests.Hosting;

public sealed class ListeningServerTests
{
    [Fact]
    public async Task Start_OnAnAddressInUse_NamesKeyAddressAndRemedy()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = (IPEndPoint)taken.LocalEndpoint;

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => StartAsync("hub.listen", address));

        Assert.Equal(Reason.InvalidRequest, error.Reason);
        Assert.Equal($"hub.listen: {address} cannot be listened on (Address already in use). Stop the process that uses it, or choose another.", error.Message);
    }

    [Fact]
    public async Task Start_OnAnAddressOfAnotherMachine_NamesKeyAndAddress()
    {
        // For documentation only, so that no machine has it.
        var address = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0);

        ClusterTransferException error = await Assert.ThrowsAsync<ClusterTransferException>(() => StartAsync("api.listen", address));

        Assert.Equal(Reason.InvalidRequest, error.Reason);
        Assert.StartsWith($"api.listen: {address} cannot be listened on (Cannot assign requested address)", error.Message, StringComparison.Ordinal);
    }

    private static Task StartAsync(string key, IPEndPoint address)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address));
        return ListeningServer.StartAsync(builder.Build(), key, address, TestContext.Current.CancellationToken).WithinDeadline();
    }
}
