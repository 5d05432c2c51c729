using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Compression;

/// <summary>Zstandard frames. Its working memory is kept for the next chunk: as many as threads compress or restore at once.</summary>
internal sealed unsafe class ZstandardCodec() : NativeCodec("libzstd.so.1")
{
    private const int Level = 1;

    private readonly ConcurrentBag<nint> _compressors = [];
    private readonly ConcurrentBag<nint> _decompressors = [];
    private delegate* unmanaged[Cdecl]<nint> _newCompressor;
    private delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, int, nuint> _compress;
    private delegate* unmanaged[Cdecl]<nint> _newDecompressor;
    private delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, nuint> _decompress;
    private delegate* unmanaged[Cdecl]<nuint, uint> _isError;

    private protected override bool TryBind(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "ZSTD_createCCtx", out nint newCompressor)
            || !NativeLibrary.TryGetExport(library, "ZSTD_compressCCtx", out nint compress)
            || !NativeLibrary.TryGetExport(library, "ZSTD_createDCtx", out nint newDecompressor)
            || !NativeLibrary.TryGetExport(library, "ZSTD_decompressDCtx", out nint decompress)
            || !NativeLibrary.TryGetExport(library, "ZSTD_isError", out nint isError))
        {
            return false;
        }

        _newCompressor = (delegate* unmanaged[Cdecl]<nint>)newCompressor;
        _compress = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, int, nuint>)compress;
        _newDecompressor = (delegate* unmanaged[Cdecl]<nint>)newDecompressor;
        _decompress = (delegate* unmanaged[Cdecl]<nint, byte*, nuint, byte*, nuint, nuint>)decompress;
        _isError = (delegate* unmanaged[Cdecl]<nuint, uint>)isError;
        return true;
    }

    private protected override int Compress(byte* source, int length, byte* destination, int capacity)
    {
        nint context = Take(_compressors, _newCompressor);
        nuint written = _compress(context, destination, (nuint)capacity, source, (nuint)length, Level);
        _compressors.Add(context);
        return _isError(written) != 0 ? 0 : (int)written;
    }

    private protected override int Decompress(byte* source, int length, byte* destination, int capacity)
    {
        nint context = Take(_decompressors, _newDecompressor);
        nuint written = _decompress(context, destination, (nuint)capacity, source, (nuint)length);
        _decompressors.Add(context);
        return _isError(written) != 0 ? -1 : (int)written;
    }

    private static nint Take(ConcurrentBag<nint> kept, delegate* unmanaged[Cdecl]<nint> make)
    {
        if (kept.TryTake(out nint context))
        {
            return context;
        }

        context = make();
        return context != 0 ? context : throw new ClusterTransferException(Reason.LimitReached, "libzstd found no memory to work in.");
    }
}
