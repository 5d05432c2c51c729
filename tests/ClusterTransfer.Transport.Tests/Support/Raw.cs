using System.Security.Cryptography.X509Certificates;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Connections;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>A running connection of a node whose other end the test drives by hand.</summary>
internal sealed class Raw : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CertificateForge _forge;
    private readonly X509Certificate2 _certificate;

    private Raw(CertificateForge forge, X509Certificate2 certificate, TestNode node, RawPeer peer, DataConnection connection)
    {
        (_forge, _certificate, Node, Peer, Connection) = (forge, certificate, node, peer, connection);
        Run = connection.RunAsync(Receiver, _stop.Token);
    }

    public TestNode Node { get; }

    public RawPeer Peer { get; }

    public DataConnection Connection { get; }

    public RecordingReceiver Receiver { get; } = new();

    public Task<PumpEnd> Run { get; }

    public static async Task<Raw> OpenAsync(DataPlaneOptions? options = null, TimeProvider? time = null)
    {
        var forge = new CertificateForge(TimeProvider.System.GetUtcNow());
        TestNode node = await Pair.Node(forge, "a", options, time).ListenAsync();
        X509Certificate2 certificate = forge.Leaf(new CertificateForge.Recipe());
        RawPeer peer = await RawPeer.GreetAsync(node, certificate);
        return new Raw(forge, certificate, node, peer, await node.NextAcceptedAsync());
    }

    /// <summary>Another peer is let in and its connection moves frames: the node is alive.</summary>
    public async Task AssertServesOthersAsync()
    {
        await using RawPeer other = await RawPeer.GreetAsync(Node, _certificate);
        await using DataConnection connection = await Node.NextAcceptedAsync();
        var receiver = new RecordingReceiver();
        _ = connection.RunAsync(receiver, CancellationToken.None);
        await other.SendAsync(TestFrames.Encode(Wire.Frames.FrameType.Credit, new Wire.Frames.CreditBody(1)));
        await receiver.NextAsync();

        // First, so that the connection need not wait for it: the clock may stand.
        await other.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Peer.DisposeAsync();
        await _stop.CancelAsync();
        await Run.WithinDeadline();
        await Connection.DisposeAsync();
        await Node.DisposeAsync();
        _certificate.Dispose();
        _forge.Dispose();
        _stop.Dispose();
    }
}
