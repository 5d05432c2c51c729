using ClusterTransfer.Model;
using ClusterTransfer.Transport.Quality;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transport.Connections;

/// <summary>A connection to one peer, past its Hello, as its owner uses it: <see cref="DataConnection"/> over TLS, or one that a simulation makes.</summary>
public interface IDataConnection : IAsyncDisposable
{
    /// <summary>Number of this connection in this process, from 1.</summary>
    int Number { get; }

    /// <summary>The peer's name, proven.</summary>
    NodeId Peer { get; }

    /// <summary>Whether this end opened the connection.</summary>
    bool Dialled { get; }

    /// <summary>TLS version, and what seals the bytes when that is not TLS; for logs.</summary>
    string TlsVersion { get; }

    /// <summary>The peer's address and port, for logs.</summary>
    string Remote { get; }

    /// <summary>When the peer had said its Hello, by the wall clock.</summary>
    DateTimeOffset OpenedAt { get; }

    /// <summary>What this end said of itself.</summary>
    HelloBody LocalHello { get; }

    /// <summary>What the peer said of itself.</summary>
    HelloBody PeerHello { get; }

    /// <summary>Random value of this connection, the same at both ends; session proofs are bound to it.</summary>
    byte[] ConnectionNonce { get; }

    /// <summary>SHA-256 of this end's certificate.</summary>
    ReadOnlyMemory<byte> LocalCertificateHash { get; }

    /// <summary>SHA-256 of the peer's certificate.</summary>
    ReadOnlyMemory<byte> PeerCertificateHash { get; }

    /// <summary>How whoever the receiver waits for completes its task: asynchronously, so that no pump runs on the thread of an actor.</summary>
    TaskCreationOptions Completions { get; }

    /// <summary>Counters so far.</summary>
    ConnectionStatistics Statistics { get; }

    /// <summary>What the system knows of the path now; null where it does not say, and once the connection is closed.</summary>
    LinkQuality? Quality { get; }

    /// <summary>Moves frames both ways until the connection ends; see <see cref="DataConnection.RunAsync"/>.</summary>
    Task<PumpEnd> RunAsync(IFrameReceiver receiver, CancellationToken cancellationToken);

    /// <summary>Queues a control frame; see <see cref="DataConnection.TrySend"/>.</summary>
    bool TrySend(OutgoingFrame frame);

    /// <summary>Queues a chunk or a manifest page; see <see cref="DataConnection.SendChunkAsync"/>.</summary>
    ValueTask<bool> SendChunkAsync(OutgoingFrame frame, CancellationToken cancellationToken);

    /// <summary>Takes no more frames, sends what is queued and says Goodbye; see <see cref="DataConnection.Complete"/>.</summary>
    void Complete(Problem? reason = null);

    /// <summary>Ends it soon, without the queued chunks, and tells the peer why; see <see cref="DataConnection.Close"/>.</summary>
    void Close(Problem reason);
}
