using System.Net;
using System.Threading.Channels;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Identity;
using ClusterTransfer.Transport.Records;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Benchmarks.RecordLayers;

/// <summary>The data connections of nodes themselves, frames and pumps included: chunks of 4 MiB that nobody reads or writes.</summary>
internal sealed class NodeLayer(string name, RecordLayer layer) : ILayer
{
    private const int Chunk = 4 << 20;

    public string Name => name;

    public async Task<ILayerRun> OpenAsync(Identities identities, int connections)
    {
        var run = new Run(identities, layer);
        await run.OpenAsync(connections);
        return run;
    }

    private sealed class Run : ILayerRun, IFrameReceiver
    {
        private readonly NodeIdentity _a;
        private readonly NodeIdentity _b;
        private readonly DataListener _listener;
        private readonly DataDialer _dialer;
        private readonly BufferPool _send = new(256 << 20);
        private readonly Channel<DataConnection> _accepted = Channel.CreateBounded<DataConnection>(64);
        private readonly List<DataConnection> _dialled = [];
        private readonly List<Task> _running = [];
        private TaskCompletionSource _arrived = new();
        private long _left;

        public Run(Identities identities, RecordLayer layer)
        {
            (_a, _b) = (identities.Load("a"), identities.Load("b"));
            var options = new DataPlaneOptions { RecordLayer = layer };
            DataPlane Plane(NodeIdentity identity) => new(identity, Incarnation.New(), options, new BufferPool(256 << 20), TimeProvider.System);
            _listener = new DataListener(new IPEndPoint(IPAddress.Loopback, 0), Plane(_b), connection => _accepted.Writer.WriteAsync(connection));
            _dialer = new DataDialer(Plane(_a));
        }

        public async Task OpenAsync(int connections)
        {
            await _listener.StartAsync(CancellationToken.None);
            for (int i = 0; i < connections; i++)
            {
                _dialled.Add(await _dialer.DialAsync(_listener.LocalEndPoint.ToString(), new NodeId("b"), CancellationToken.None));
                _running.Add(_dialled[^1].RunAsync(this, CancellationToken.None));
                _running.Add((await _accepted.Reader.ReadAsync()).RunAsync(this, CancellationToken.None));
            }
        }

        public async Task MoveAsync(long bytes)
        {
            long chunks = bytes / Chunk;
            _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _left, chunks);
            await Task.WhenAll(_dialled.Select((connection, at) => Task.Run(() => SendAsync(connection, (chunks / _dialled.Count) + (at < chunks % _dialled.Count ? 1 : 0)))));
            await _arrived.Task;
        }

        public ValueTask OnFrameAsync(FrameHeader header, BufferLease body, CancellationToken cancellationToken)
        {
            body.Dispose();
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _arrived.TrySetResult();
            }

            return ValueTask.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (DataConnection connection in _dialled)
            {
                await connection.DisposeAsync();
            }

            await Task.WhenAll(_running);
            await _listener.DisposeAsync();
            _a.Dispose();
            _b.Dispose();
        }

        private async Task SendAsync(DataConnection connection, long chunks)
        {
            byte[] digest = new byte[32];
            for (long i = 0; i < chunks; i++)
            {
                BufferLease lease = await _send.RentAsync(Chunk, CancellationToken.None);
                var header = new FrameHeader(FrameType.Chunk, FrameFlags.None, new SessionId(1), new Epoch(1, 1), default, new ChunkIndex((uint)i), Chunk, 0);
                if (!await connection.SendChunkAsync(OutgoingFrame.Chunk(header, digest, lease), CancellationToken.None))
                {
                    throw new IOException("A connection ended.");
                }
            }
        }
    }
}
