using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Transport.Quality;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>A connection on which nothing is written before the test says so, and whose path is as the test makes it up.</summary>
internal sealed class ManualConnection(int number) : IDataConnection
{
    private readonly List<OutgoingFrame> _chunks = [];

    public int Number => number;

    public NodeId Peer => Samples.B;

    public bool Dialled => true;

    public string TlsVersion => "none";

    public string Remote => $"manual:{number}";

    public DateTimeOffset OpenedAt => DateTimeOffset.UnixEpoch;

    public HelloBody LocalHello { get; } = HelloOf(Samples.A, 16);

    public HelloBody PeerHello { get; init; } = HelloOf(Samples.B, 16);

    public byte[] ConnectionNonce { get; } = new byte[32];

    public ReadOnlyMemory<byte> LocalCertificateHash => new byte[32];

    public ReadOnlyMemory<byte> PeerCertificateHash => new byte[32];

    public TaskCreationOptions Completions => TaskCreationOptions.None;

    public ConnectionStatistics Statistics => Counted with { BytesSent = BytesSent };

    /// <summary>What it counted beside that.</summary>
    public ConnectionStatistics Counted { get; set; }

    public LinkQuality? Quality { get; set; }

    public long BytesSent { get; set; }

    /// <summary>Chunks that were given to it.</summary>
    public int Chunks
    {
        get
        {
            lock (_chunks)
            {
                return _chunks.Count;
            }
        }
    }

    /// <summary>Those of them that have their bytes, and have not been taken back.</summary>
    public int ChunksInMemory
    {
        get
        {
            lock (_chunks)
            {
                return _chunks.Count(frame => !frame.Payload.IsEmpty);
            }
        }
    }

    public static HelloBody HelloOf(NodeId node, int maxConnections) => new(
        1, 1, node, Samples.Run(1), "test", (ulong)HelloFeatures.All, 16 * 1024 * 1024, maxConnections, new byte[32]);

    public Task<PumpEnd> RunAsync(IFrameReceiver receiver, CancellationToken cancellationToken) => throw new NotSupportedException();

    public bool TrySend(OutgoingFrame frame)
    {
        frame.Dispose();
        return true;
    }

    public ValueTask<bool> SendChunkAsync(OutgoingFrame frame, CancellationToken cancellationToken)
    {
        if (frame.Header.Type != FrameType.Chunk)
        {
            frame.Dispose();   // a manifest page, which the test has no use for
            return ValueTask.FromResult(true);
        }

        lock (_chunks)
        {
            _chunks.Add(frame);
        }

        return ValueTask.FromResult(true);
    }

    public void Complete(Problem? reason = null) => throw new NotSupportedException();

    public void Close(Problem reason) => throw new NotSupportedException();

    /// <summary>What it holds is written, and of no use any more.</summary>
    /// <returns>The chunks.</returns>
    public IReadOnlyList<ChunkIndex> WriteAll()
    {
        lock (_chunks)
        {
            ChunkIndex[] written = [.. _chunks.Select(frame => frame.Header.Chunk)];
            foreach (OutgoingFrame frame in _chunks)
            {
                frame.Dispose();
            }

            _chunks.Clear();
            return written;
        }
    }

    public ValueTask DisposeAsync()
    {
        WriteAll();
        return ValueTask.CompletedTask;
    }
}
