using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Manifests;

/// <summary>One chunk of the plan.</summary>
/// <param name="Index">Its place in the plan.</param>
/// <param name="Entry">The file it is of; of a packed chunk, its first member.</param>
/// <param name="FileOffset">Offset of its first byte in the file; 0 if packed.</param>
/// <param name="Length">Bytes of payload; of a packed chunk, with all members present.</param>
/// <param name="ChunkSize">The file's chunk size; of a packed chunk, the page's base chunk size.</param>
/// <param name="IsPacked">Whether it holds whole small files.</param>
/// <param name="MemberCount">How many files a packed chunk holds, see <see cref="PagePlan.MembersOf"/>; 0 for others.</param>
public readonly record struct PlannedChunk(
    ChunkIndex Index, EntryIndex Entry, long FileOffset, int Length, int ChunkSize, bool IsPacked, int MemberCount);
