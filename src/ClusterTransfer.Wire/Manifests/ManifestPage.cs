using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>A part of the manifest: never changed once made, persisted at both ends, chained to the page before it by hash.</summary>
/// <param name="Number">Its place, from 0.</param>
/// <param name="FirstEntry">Index of its first entry: the number of entries in all pages before it.</param>
/// <param name="FirstChunk">Index of its first chunk: the number of chunks in all pages before it.</param>
/// <param name="BaseChunkSize">Smallest chunk size in bytes, a power of two from 1 to 16 MiB; smaller files are packed.</param>
/// <param name="PreviousHash">Hash of the encoded page before; empty for page 0.</param>
/// <param name="Entries">1 to 4,096 entries, each path once.</param>
public sealed record ManifestPage(
    int Number, uint FirstEntry, uint FirstChunk, int BaseChunkSize, Digest PreviousHash, IReadOnlyList<ManifestEntry> Entries)
{
    /// <summary>Bytes of one of its entries that have to move; see <see cref="ManifestEntry.DataBytes"/>.</summary>
    public long BytesOf(ManifestEntry entry) => entry.DataBytes(BaseChunkSize);
}
