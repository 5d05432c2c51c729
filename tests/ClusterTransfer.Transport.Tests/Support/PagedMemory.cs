using System.Runtime.InteropServices;

namespace ClusterTransfer.Transport.Tests.Support;

/// <summary>Where the memory of a lease lies. Buffers are pinned, so that it stays there.</summary>
internal static class PagedMemory
{
    public static void AssertOnPage(ReadOnlyMemory<byte> memory)
    {
        Assert.True(MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment));
        Assert.Equal(0, Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array!, segment.Offset) % 4096);
    }
}
