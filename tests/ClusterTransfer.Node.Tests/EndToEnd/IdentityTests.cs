using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Configuration;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Nodes that are not who they should be.</summary>
public sealed class IdentityTests
{
    [Fact]
    public async Task Start_CertificateOfAnotherAuthority_IsRefusedAndNamed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (string certificate, string key) = cluster.IssueForeign("gamma");
        NodeOptions options = cluster.OptionsOf("gamma") with { Tls = new TlsOptions(Path.Combine(cluster.Authority, "ca.crt"), certificate, key) };

        ClusterTransferException error = await StartFailsAsync(options);

        Assert.Equal((Reason.IdentityRefused, 17), (error.Reason, error.Reason.Info().ExitCode));
        Assert.Contains(certificate, error.Message, StringComparison.Ordinal);
        Assert.Contains("ct pki issue", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_CertificateOfAnotherNode_IsRefusedAndNamed()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (string certificate, string key) = cluster.Issue("delta");
        NodeOptions options = cluster.OptionsOf("gamma") with { Tls = new TlsOptions(Path.Combine(cluster.Authority, "ca.crt"), certificate, key) };

        ClusterTransferException error = await StartFailsAsync(options);

        Assert.Equal(Reason.IdentityRefused, error.Reason);
        Assert.Contains("'delta'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'gamma'", error.Message, StringComparison.Ordinal);
        Assert.Contains("node.name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_OfAnotherCluster_IsNotLetInByTheHub()
    {
        await using Cluster cluster = await Cluster.StartAsync();
        (string certificate, string key) = cluster.IssueForeign("gamma");
        using var logs = new NodeLogs("gamma");
        NodeOptions options = cluster.OptionsOf("gamma") with
        {
            Tls = new TlsOptions(Path.Combine(cluster.ForeignAuthority, "ca.crt"), certificate, key),
            Locations = [new LocationEntry(new LocationName("foreign"), cluster.Folder.Create("foreign"))],
        };
        const int busEvent = 7012;
        await using NodeHost gamma = await NodeHost.StartAsync(options, logs, TimeProvider.System, CancellationToken.None);
        await using ClusterTransferClient client = Cluster.ClientOf(gamma, File.ReadAllText(cluster.Folder["gamma", "api-token"]).Trim());
        await logs.HasAsync(busEvent);

        ClusterTransferApiException error = await Assert.ThrowsAsync<ClusterTransferApiException>(
            () => client.SubmitAsync(new SubmitTransfer { Source = "foreign:", Destination = "dst:" }));

        Assert.Equal((Reason.HubUnreachable, 14), (error.Reason, error.ExitCode));
        Assert.Equal(["alpha", "beta"], (await cluster.Client.NodesAsync()).Select(node => node.Name.Value));
        Assert.DoesNotContain(await cluster.Client.LocationsAsync(), location => location.Name.Value == "foreign");
    }

    [Fact]
    public async Task Destination_WithACertificateOfAnotherAuthority_IsRefusedByTheSource()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true, ProxyShowsAlpha = own => own.IssueForeign("beta") });

        await RefusedAsync(cluster, "not signed by this cluster's authority");
    }

    [Fact]
    public async Task Destination_WithTheCertificateOfAnotherNode_IsRefusedByTheSource()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true, ProxyShowsAlpha = own => own.Issue("gamma") });

        await RefusedAsync(cluster, "'gamma'");
    }

    [Fact]
    public async Task Source_WithACertificateOfAnotherAuthority_IsRefusedByTheDestination()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true, ProxyShowsBeta = own => own.IssueForeign("alpha") });

        await RefusedAsync(cluster, "beta");
    }

    [Fact]
    public async Task Source_WithTheCertificateOfAnotherNode_IsRefusedByTheDestination()
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup { WithProxy = true, ProxyShowsBeta = own => own.Issue("gamma") });

        await RefusedAsync(cluster, "gamma");
    }

    private static async Task RefusedAsync(Cluster cluster, string named)
    {
        Files.Write(Path.Combine(cluster.Source, "file"), 10);

        TransferResource done = await cluster.CopyAsync("src:file", "dst:");

        Assert.Equal((TransferState.Failed, 17, Reason.IdentityRefused), (done.State, done.ExitCode, done.Problem!.Reason));
        Assert.Contains(named, done.Problem.Detail, StringComparison.Ordinal);
        Assert.Empty(Files.Names(cluster.Target));
        await cluster.NothingStagedAsync();
    }

    private static Task<ClusterTransferException> StartFailsAsync(NodeOptions options)
    {
        using var logs = new NodeLogs("gamma");
        return Assert.ThrowsAsync<ClusterTransferException>(() => NodeHost.StartAsync(options, logs, TimeProvider.System, CancellationToken.None)).WithinDeadline();
    }
}
