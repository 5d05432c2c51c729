using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>A file inside a packed chunk.</summary>
/// <param name="Entry">The file.</param>
/// <param name="Offset">Offset of its first byte in the payload, with all members present.</param>
/// <param name="Length">Its size in bytes, from 0.</param>
public readonly record struct PackMember(EntryIndex Entry, int Offset, int Length);
