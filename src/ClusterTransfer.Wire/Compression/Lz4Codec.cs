using System.Runtime.InteropServices;

namespace ClusterTransfer.Wire.Compression;

/// <summary>LZ4 blocks, without a frame: lengths are known from the chunk's header.</summary>
internal sealed unsafe class Lz4Codec() : NativeCodec("liblz4.so.1")
{
    private delegate* unmanaged[Cdecl]<byte*, byte*, int, int, int> _compress;
    private delegate* unmanaged[Cdecl]<byte*, byte*, int, int, int> _decompress;

    private protected override bool TryBind(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "LZ4_compress_default", out nint compress)
            || !NativeLibrary.TryGetExport(library, "LZ4_decompress_safe", out nint decompress))
        {
            return false;
        }

        _compress = (delegate* unmanaged[Cdecl]<byte*, byte*, int, int, int>)compress;
        _decompress = (delegate* unmanaged[Cdecl]<byte*, byte*, int, int, int>)decompress;
        return true;
    }

    private protected override int Compress(byte* source, int length, byte* destination, int capacity) =>
        _compress(source, destination, length, capacity);

    private protected override int Decompress(byte* source, int length, byte* destination, int capacity) =>
        _decompress(source, destination, length, capacity);
}
