using System.Net.Security;
using System.Security.Cryptography;
using ClusterTransfer.Model;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Identity;
using ClusterTransfer.Wire.Compression;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transport.Connections;

/// <summary>What every data connection of this process shares.</summary>
/// <param name="Identity">Who this node is. Owned by the caller; outlives all connections.</param>
/// <param name="Incarnation">This run of the process.</param>
/// <param name="Options">Limits.</param>
/// <param name="ReceiveBuffers">Where bodies of received frames go. Chunks to be sent are rented elsewhere, see <see cref="BufferPool"/>.</param>
/// <param name="Time">The clock of all deadlines.</param>
public sealed record DataPlane(NodeIdentity Identity, Incarnation Incarnation, DataPlaneOptions Options, BufferPool ReceiveBuffers, TimeProvider Time)
{
    /// <summary>Lowest protocol version spoken.</summary>
    public const byte MinVersion = 1;

    /// <summary>Highest protocol version spoken.</summary>
    public const byte MaxVersion = 1;

    /// <summary>Told to peers, for their logs.</summary>
    public string SoftwareVersion { get; init; } = typeof(DataPlane).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>What this node says it can do beyond the protocol version.</summary>
    public HelloFeatures Features { get; init; } = HelloFeatures.All
        | (NativeCodec.Lz4.IsAvailable ? HelloFeatures.Lz4 : 0)
        | (NativeCodec.Zstandard.IsAvailable ? HelloFeatures.Zstandard : 0);

    internal PeerVerifier Verifier { get; } = new(Identity, Time);

    /// <summary>What TLS shows of this node, prepared once. Offline: nothing is downloaded to complete a chain.</summary>
    internal SslStreamCertificateContext Certificate { get; } = SslStreamCertificateContext.Create(Identity.Certificate, additionalCertificates: null, offline: true);

    internal byte[] CertificateHash { get; } = SHA256.HashData(Identity.Certificate.RawDataMemory.Span);

    /// <summary>Largest chunk payload this node takes: what the options say, or less when the pool has no buffer for it.</summary>
    internal int MaxChunkBytes { get; } = Math.Min(Options.MaxChunkBytes, ReceiveBuffers.LargestRequest - FrameLimits.ControlBody) is var most && most >= ChunkSizes.Min
        ? most : throw new ArgumentException($"A receive pool of {ReceiveBuffers.CapacityBytes} bytes holds no chunk.", nameof(ReceiveBuffers));

    /// <summary>A Hello with a nonce of its own.</summary>
    internal HelloBody NewHello() => new(
        MinVersion, MaxVersion, Identity.Name, Incarnation, SoftwareVersion, (ulong)Features,
        MaxChunkBytes, Options.MaxConnectionsPerPeer, RandomNumberGenerator.GetBytes(HelloBody.NonceLength));
}
