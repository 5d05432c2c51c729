using System.Runtime.InteropServices;
using ClusterTransfer.Storage.Locations;

namespace ClusterTransfer.Storage.Tests.Incoming;

/// <summary>Memory that lies where the connections put a chunk's payload: on a block, so that it can be written past the page cache.</summary>
internal static class AlignedMemory
{
    public static Memory<byte> Of(int length)
    {
        byte[] array = GC.AllocateUninitializedArray<byte>(length + DirectWrites.Block, pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        return array.AsMemory((int)(-address & (DirectWrites.Block - 1)), length);
    }

    public static Memory<byte> Of(ReadOnlySpan<byte> bytes)
    {
        Memory<byte> memory = Of(bytes.Length);
        bytes.CopyTo(memory.Span);
        return memory;
    }
}
