using System.Diagnostics.CodeAnalysis;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Frames;

/// <summary>The first frame of each direction: who speaks, and what it can do.</summary>
/// <param name="MinVersion">Lowest protocol version it speaks, from 1.</param>
/// <param name="MaxVersion">Highest protocol version it speaks; both ends use the highest that both speak.</param>
/// <param name="Node">Its name; must be the one in its certificate.</param>
/// <param name="Incarnation">This run of its process.</param>
/// <param name="SoftwareVersion">For logs; 0 to 64 printable ASCII characters.</param>
/// <param name="Features">Bits of optional abilities, <see cref="HelloFeatures"/>; both ends use those that both set.</param>
/// <param name="MaxChunkBytes">Largest chunk it takes, 1 to 16 MiB.</param>
/// <param name="MaxConnections">Data connections it takes from this peer, 1 to 1,024.</param>
/// <param name="Nonce">32 random bytes, new for each connection; see <see cref="SessionProof.ConnectionNonce"/>.</param>
/// <remarks>min version u8 | max version u8 | features u64 | max chunk u32 | max connections u16 | incarnation 16 (RFC 9562 order) | nonce 32 |
/// node name u8 length, ASCII | software version u8 length, ASCII. A reader ignores bytes after that, so that a later version can append.</remarks>
public sealed record HelloBody(
    byte MinVersion,
    byte MaxVersion,
    NodeId Node,
    Incarnation Incarnation,
    string SoftwareVersion,
    ulong Features,
    int MaxChunkBytes,
    int MaxConnections,
    byte[] Nonce) : IFrameBody<HelloBody>
{
    /// <summary>Bytes in <see cref="Nonce"/>.</summary>
    public const int NonceLength = 32;

    /// <summary>Most connections a node may offer to a peer.</summary>
    public const int MostConnections = 1024;

    /// <summary>Most characters in <see cref="SoftwareVersion"/>.</summary>
    public const int MaxSoftwareVersion = 64;

    private const int IncarnationLength = 16;
    private const int FixedLength = 1 + 1 + 8 + 4 + 2 + IncarnationLength + NonceLength;

    /// <summary>Whether the node has an ability.</summary>
    public bool Has(HelloFeatures feature) => (Features & (ulong)feature) == (ulong)feature;

    /// <inheritdoc/>
    public int EncodedLength => FixedLength + 1 + Node.Value.Length + 1 + SoftwareVersion.Length;

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        if (!IsValid())
        {
            throw new ArgumentException("A value of the Hello is out of its range.");
        }

        var writer = new WireWriter(destination);
        writer.U8(MinVersion);
        writer.U8(MaxVersion);
        writer.U64(Features);
        writer.U32((uint)MaxChunkBytes);
        writer.U16((ushort)MaxConnections);
        writer.Bytes(Incarnation.Value.ToByteArray(bigEndian: true));
        writer.Bytes(Nonce);
        writer.U8((byte)Node.Value.Length);
        writer.Bytes(Encoding.ASCII.GetBytes(Node.Value));
        writer.U8((byte)SoftwareVersion.Length);
        writer.Bytes(Encoding.ASCII.GetBytes(SoftwareVersion));
        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out HelloBody? body)
    {
        body = null;
        var reader = new WireReader(source);
        byte minVersion = reader.U8();
        byte maxVersion = reader.U8();
        ulong features = reader.U64();
        int maxChunkBytes = reader.Int31();
        int maxConnections = reader.U16();
        ReadOnlySpan<byte> incarnation = reader.Bytes(IncarnationLength);
        ReadOnlySpan<byte> nonce = reader.Bytes(NonceLength);
        string node = reader.Utf8(reader.U8());
        string softwareVersion = reader.Utf8(reader.U8());
        if (reader.Failed || !NodeId.TryParse(node, null, out NodeId id))
        {
            return false;
        }

        var read = new HelloBody(minVersion, maxVersion, id, new Incarnation(new Guid(incarnation, bigEndian: true)), softwareVersion,
            features, maxChunkBytes, maxConnections, nonce.ToArray());
        body = read.IsValid() ? read : null;
        return body is not null;
    }

    private bool IsValid() =>
        MinVersion >= 1 && MinVersion <= MaxVersion
        && Node.Value.Length > 0
        && MaxChunkBytes is >= ChunkSizes.Min and <= ChunkSizes.Max
        && MaxConnections is >= 1 and <= MostConnections
        && Nonce.Length == NonceLength
        && SoftwareVersion.Length <= MaxSoftwareVersion
        && !SoftwareVersion.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
