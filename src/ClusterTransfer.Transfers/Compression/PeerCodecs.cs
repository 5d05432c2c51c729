using ClusterTransfer.Wire.Compression;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Compression;

/// <summary>What a peer said it can restore.</summary>
internal readonly record struct PeerCodecs(HelloFeatures Features)
{
    public bool Has(PayloadCodec codec) => codec switch
    {
        PayloadCodec.Lz4 => Features.HasFlag(HelloFeatures.Lz4),
        PayloadCodec.Zstandard => Features.HasFlag(HelloFeatures.Zstandard),
        _ => false,
    };
}
