using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Identity;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>One end: identity, pools, clock, and a listener when started. Disposing it asserts that no lease is out.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly Channel<DataConnection> _accepted = Channel.CreateBounded<DataConnection>(1024);
    private readonly Channel<RefusedPeer> _refused = Channel.CreateBounded<RefusedPeer>(1024);
    private readonly Channel<AcceptTrouble> _troubles = Channel.CreateBounded<AcceptTrouble>(1024);
    private DataListener? _listener;

    public TestNode(string name, X509Certificate2 certificate, X509Certificate2 authority, DataPlaneOptions? options = null, TimeProvider? time = null)
    {
        Identity = new NodeIdentity(new NodeId(name), certificate, [X509CertificateLoader.LoadCertificate(authority.RawData)]);
        Plane = new DataPlane(Identity, Incarnation.New(), options ?? new DataPlaneOptions(), ReceiveBuffers, time ?? TimeProvider.System);
    }

    public NodeIdentity Identity { get; }

    public DataPlane Plane { get; }

    public BufferPool ReceiveBuffers { get; } = new(64 * 1024 * 1024, poison: true);

    public BufferPool SendBuffers { get; } = new(64 * 1024 * 1024, poison: true);

    public DataListener Listener => _listener ?? throw new InvalidOperationException("Not started.");

    public string Address => $"127.0.0.1:{Listener.LocalEndPoint.Port}";

    public NodeId Name => Identity.Name;

    /// <param name="accept">In the place of the system, which gives connections.</param>
    public async Task<TestNode> ListenAsync(Func<Socket, CancellationToken, ValueTask<Socket>>? accept = null)
    {
        _listener = new DataListener(
            new IPEndPoint(IPAddress.Loopback, 0),
            Plane,
            connection => _accepted.Writer.WriteAsync(connection),
            refused => _refused.Writer.TryWrite(refused),
            trouble => _troubles.Writer.TryWrite(trouble))
        {
            Accept = accept ?? ((listening, cancellationToken) => listening.AcceptAsync(cancellationToken)),
        };
        await _listener.StartAsync(CancellationToken.None);
        return this;
    }

    public Task<DataConnection> DialAsync(TestNode target) => new DataDialer(Plane).DialAsync(target.Address, target.Name, CancellationToken.None).WithinDeadline();

    public Task<DataConnection> NextAcceptedAsync() => _accepted.Reader.ReadAsync().AsTask().WithinDeadline();

    public Task<RefusedPeer> NextRefusedAsync() => _refused.Reader.ReadAsync().AsTask().WithinDeadline();

    public Task<AcceptTrouble> NextTroubleAsync() => _troubles.Reader.ReadAsync().AsTask().WithinDeadline();

    public bool HasMoreTrouble => _troubles.Reader.TryPeek(out _);

    public async ValueTask DisposeAsync()
    {
        if (_listener is not null)
        {
            await _listener.DisposeAsync();
        }

        Identity.Dispose();
        Assert.Equal(0, ReceiveBuffers.Outstanding);
        Assert.Equal(0, SendBuffers.Outstanding);
        Assert.Equal(0, ReceiveBuffers.DoubleReturns + SendBuffers.DoubleReturns);
    }
}
