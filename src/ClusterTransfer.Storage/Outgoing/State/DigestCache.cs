using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Outgoing.State;

/// <summary>Digest of each chunk that was read, so that a file's digest needs no second pass. Sparse and never flushed: what is lost is read and hashed again.</summary>
/// <remarks>32 bytes for each chunk at its index times 32; zeros mean unknown. Thread-safe, because places never overlap.</remarks>
internal sealed class DigestCache(FileHandle file) : IDisposable
{
    /// <summary>Opens or creates it.</summary>
    /// <exception cref="NativeException">The disk failed.</exception>
    public static DigestCache Open(FolderHandle folder, ReadOnlySpan<byte> name) => new(folder.OpenOrCreateFile(name, 0x180));

    /// <summary>The digest of a chunk; empty when unknown.</summary>
    public Digest Get(ChunkIndex chunk)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        return file.TryRead(bytes, OffsetOf(chunk), out int length) == Errno.None && length == Digest.Length ? new Digest(bytes) : default;
    }

    /// <summary>Remembers the digest of a chunk.</summary>
    public void Set(ChunkIndex chunk, in Digest digest)
    {
        Span<byte> bytes = stackalloc byte[Digest.Length];
        digest.CopyTo(bytes);

        // When the state disk is full the value stays unknown, which costs a second pass and nothing else.
        _ = file.TryWrite(bytes, OffsetOf(chunk));
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static long OffsetOf(ChunkIndex chunk) => (long)chunk.Value * Digest.Length;
}
