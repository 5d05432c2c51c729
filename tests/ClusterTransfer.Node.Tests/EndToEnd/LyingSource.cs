using System.Threading.Channels;
using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Node.Hosting;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Identity;
using ClusterTransfer.Wire.Frames;
using WireRole = ClusterTransfer.Wire.Frames.SessionRole;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>A node of the cluster, certificate and all, that speaks the protocol by hand: location <c>lies</c>, and whatever pages and chunks a test sends.</summary>
internal sealed class LyingSource : IBusReceiver, IFrameReceiver, IAsyncDisposable
{
    private readonly NodeIdentity _identity;
    private readonly HubDialer _hub;
    private readonly HubLink _bus;
    private readonly DataDialer _dialer;
    private readonly Incarnation _incarnation = Incarnation.New();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<OpenSession> _opened = Channel.CreateBounded<OpenSession>(64);
    private readonly Channel<(FrameHeader Header, byte[] Body)> _frames = Channel.CreateBounded<(FrameHeader, byte[])>(256);
    private DataConnection? _connection;
    private Task<PumpEnd>? _running;
    private OpenSession? _session;

    private LyingSource(Cluster cluster)
    {
        (string certificate, string key) = cluster.Issue("mallory");
        _identity = NodeIdentity.Load(Path.Combine(cluster.Authority, "ca.crt"), certificate, key, new NodeId("mallory"), TimeProvider.System);
        _dialer = new DataDialer(new DataPlane(
            _identity, _incarnation, new Transport.Connections.DataPlaneOptions(), new BufferPool(64 * 1024 * 1024), TimeProvider.System));
        _hub = new HubDialer(
            new Uri($"wss://{cluster.Alpha.HubEndPoint}{BusServer.Path}"),
            HubTls.Options(_identity, new PeerVerifier(_identity, TimeProvider.System)),
            TimeSpan.FromSeconds(5));
        var self = new Member(_identity.Name, _incarnation) { Locations = [new MemberLocation(new LocationName("lies"), ReadOnly: true)] };
        _bus = new HubLink(self, _hub.DialAsync, new BusOptions(), TimeProvider.System);
    }

    public static async Task<LyingSource> JoinAsync(Cluster cluster)
    {
        var source = new LyingSource(cluster);
        source._bus.Start(source);
        await source._connected.Task.WithinDeadline();
        return source;
    }

    /// <summary>Waits for a session, opens it and proves it on one connection.</summary>
    public async Task OpenAsync()
    {
        _session = await _opened.Reader.ReadAsync().AsTask().WithinDeadline();
        await TellAsync(new SessionOpened(_session.TransferId, _session.Epoch, _session.Role, _incarnation));
        _connection = await _dialer.DialAsync(_session.PeerDataAddresses[0], _session.Peer, CancellationToken.None).WithinDeadline();
        _running = _connection.RunAsync(this, CancellationToken.None);
        byte[] proof = SessionProof.Compute(
            _session.Secret,
            _session.TransferId,
            _session.Epoch,
            _session.SessionId,
            WireRole.Source,
            _connection.LocalCertificateHash.Span,
            _connection.PeerCertificateHash.Span,
            _connection.ConnectionNonce);
        Send(FrameType.SessionProof, new SessionProofBody(_session.TransferId, WireRole.Source, proof).ToArray());
        await NextAsync(FrameType.Credit);
    }

    public void Send(FrameType type, byte[] body, uint entry = 0, uint chunk = 0, int rawLength = 0, FrameFlags flags = FrameFlags.None) =>
        Assert.True(_connection!.TrySend(OutgoingFrame.Control(
            new FrameHeader(type, flags, _session!.SessionId, _session.Epoch, new EntryIndex(entry), new ChunkIndex(chunk), rawLength, 0), body)));

    /// <summary>The next frame of that type; others before it are passed over.</summary>
    public Task<(FrameHeader Header, byte[] Body)> NextAsync(FrameType type)
    {
        return ReadAsync().WithinDeadline();

        async Task<(FrameHeader Header, byte[] Body)> ReadAsync()
        {
            while (true)
            {
                (FrameHeader header, byte[] body) = await _frames.Reader.ReadAsync();
                if (header.Type == type)
                {
                    return (header, body);
                }
            }
        }
    }

    /// <summary>Waits until the destination says that every entry has its outcome, and tells the coordinator that this end is over too.</summary>
    public async Task EndAsync(int entries)
    {
        await NextAsync(FrameType.Stop);
        await TellAsync(new SessionEnded(_session!.TransferId, _session.Epoch, _session.Role, SessionEnd.Completed) { Progress = new TransferProgress { EntriesFound = entries } });
    }

    public async ValueTask OnFrameAsync(FrameHeader header, BufferLease body, CancellationToken cancellationToken)
    {
        using BufferLease owned = body;
        await _frames.Writer.WriteAsync((header, body.Memory[..body.Length].ToArray()), cancellationToken);
    }

    public async ValueTask OnMessageAsync(BusDelivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.Message is OpenSession open)
        {
            await _opened.Writer.WriteAsync(open, cancellationToken);
        }
    }

    public void OnMembersChanged(IReadOnlyList<Member> members)
    {
    }

    public void OnConnectionChanged(bool connected, Problem? problem)
    {
        if (connected)
        {
            _connected.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
            await _running!;
        }

        await _bus.DisposeAsync();
        _hub.Dispose();
        _identity.Dispose();
    }

    private Task TellAsync(BusMessage message) => _bus.SendAsync(new BusTarget.Coordinator(_session!.TransferId), message, CancellationToken.None);
}
