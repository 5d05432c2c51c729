using System.Net;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Identity;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Tests.Support;

/// <summary>The data plane of one node over loopback, with a certificate of the test's cluster. At its end no buffer may be out.</summary>
internal sealed class LoopbackNode : IAsyncDisposable
{
    private readonly NodeIdentity _identity;
    private readonly BufferPool _buffers = new(32 * 1024 * 1024);
    private readonly DataPlane _plane;
    private DataListener? _listener;

    private LoopbackNode(NodeIdentity identity, HelloFeatures features)
    {
        _identity = identity;
        _plane = new DataPlane(identity, Incarnation.New(), new DataPlaneOptions(), _buffers, TimeProvider.System) { Features = features };
        Dialer = new DataDialer(_plane);
    }

    public NodeId Name => _identity.Name;

    public DataDialer Dialer { get; }

    public string Address => $"127.0.0.1:{_listener!.LocalEndPoint.Port}";

    /// <summary>A cluster of those nodes; its keys live in the folder.</summary>
    public static IReadOnlyList<LoopbackNode> Cluster(TestFolder folder, params IEnumerable<NodeId> names) => Cluster(folder, HelloFeatures.All, names);

    /// <summary>A cluster whose nodes can do no more than that beyond the protocol version.</summary>
    public static IReadOnlyList<LoopbackNode> Cluster(TestFolder folder, HelloFeatures features, params IEnumerable<NodeId> names)
    {
        string authority = folder["ca"];
        ClusterAuthority.Create(authority, "test", TimeProvider.System);
        return
        [
            .. names.Select(name =>
            {
                IssuedFiles files = ClusterAuthority.Issue(authority, name, [], folder[$"node-{name}"], TimeProvider.System);
                return new LoopbackNode(NodeIdentity.Load(
                    Path.Combine(authority, ClusterAuthority.CertificateFileName), files.CertificateFile, files.KeyFile, name, TimeProvider.System), features);
            }),
        ];
    }

    public async Task ListenAsync(Action<DataConnection> onConnection)
    {
        _listener = new DataListener(new IPEndPoint(IPAddress.Loopback, 0), _plane, connection =>
        {
            onConnection(connection);
            return ValueTask.CompletedTask;
        });
        await _listener.StartAsync(CancellationToken.None);
    }

    public async Task StopListeningAsync()
    {
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopListeningAsync();
        _identity.Dispose();
    }
}
