using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>What the whole manifest holds; a transfer is complete only when sealed.</summary>
/// <param name="Pages">Number of pages.</param>
/// <param name="Entries">Number of entries of every kind.</param>
/// <param name="Files">Number of entries that are files.</param>
/// <param name="Chunks">Number of chunks.</param>
/// <param name="Bytes">Sum of the files' sizes without their holes.</param>
/// <param name="Root">Hash of the last encoded page, which through the chain covers all.</param>
public sealed record ManifestSeal(int Pages, long Entries, long Files, uint Chunks, long Bytes, Digest Root);
