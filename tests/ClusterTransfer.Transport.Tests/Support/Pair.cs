using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>Two nodes of one cluster, a (dials) and b (listens), with one connection between them over loopback.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private readonly CertificateForge _forge;

    private Pair(CertificateForge forge, TestNode a, TestNode b, DataConnection atA, DataConnection atB)
    {
        _forge = forge;
        (A, B, AtA, AtB) = (a, b, atA, atB);
    }

    public TestNode A { get; }

    public TestNode B { get; }

    /// <summary>The end that dialled.</summary>
    public DataConnection AtA { get; }

    /// <summary>The end that listened.</summary>
    public DataConnection AtB { get; }

    public static async Task<Pair> OpenAsync(DataPlaneOptions? options = null, TimeProvider? timeAtA = null, TimeProvider? timeAtB = null)
    {
        var forge = new CertificateForge(TimeProvider.System.GetUtcNow());
        TestNode a = Node(forge, "a", options, timeAtA);
        TestNode b = await Node(forge, "b", options, timeAtB).ListenAsync();
        DataConnection atA = await a.DialAsync(b);
        return new Pair(forge, a, b, atA, await b.NextAcceptedAsync());
    }

    public static TestNode Node(CertificateForge forge, string name, DataPlaneOptions? options = null, TimeProvider? time = null)
    {
        // Wide validity: a manual clock stands in 2030.
        var recipe = new CertificateForge.Recipe { Uris = [$"clustertransfer://node/{name}"], Until = TimeSpan.FromDays(365) };
        return new TestNode(name, forge.Leaf(recipe), forge.Authority, options, time);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(AtA.DisposeAsync().AsTask(), AtB.DisposeAsync().AsTask()).WithinDeadline();
        await A.DisposeAsync();
        await B.DisposeAsync();
        _forge.Dispose();
    }
}
