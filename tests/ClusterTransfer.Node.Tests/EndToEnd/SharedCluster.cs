namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>One usual cluster for all tests of a class; each works in folders of its own.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    internal Cluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await Cluster.StartAsync();

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
