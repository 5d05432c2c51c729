using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>A file that is present in a packed chunk, as its digest covers it.</summary>
/// <param name="Entry">The file.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Root">BLAKE3 of its bytes.</param>
public readonly record struct PackMemberDigest(EntryIndex Entry, long Length, Digest Root);
