using System.Diagnostics.CodeAnalysis;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Frames;

/// <summary>The manifest is complete.</summary>
/// <remarks>pages u32 | entries u64 | files u64 | chunks u32 | bytes u64 | root 32.</remarks>
public sealed record ManifestSealBody(ManifestSeal Seal) : IFrameBody<ManifestSealBody>
{
    /// <inheritdoc/>
    public int EncodedLength => 4 + 8 + 8 + 4 + 8 + Digest.Length;

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        var writer = new WireWriter(destination);
        writer.U32((uint)Seal.Pages);
        writer.I64(Seal.Entries);
        writer.I64(Seal.Files);
        writer.U32(Seal.Chunks);
        writer.I64(Seal.Bytes);
        writer.Digest(Seal.Root);
        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out ManifestSealBody? body)
    {
        var reader = new WireReader(source);
        var seal = new ManifestSeal(reader.Int31(), reader.Int63(), reader.Int63(), reader.U32(), reader.Int63(), reader.Digest());
        bool valid = reader.Complete
            && seal.Files <= seal.Entries
            && seal.Entries <= (long)seal.Pages * ManifestLimits.MaxEntriesPerPage;
        body = valid ? new ManifestSealBody(seal) : null;
        return valid;
    }
}
