using System.Runtime.InteropServices;

namespace ClusterTransfer.Wire.Compression;

/// <summary>A codec of the system's: its library is looked for once, when it is first asked for. Thread-safe.</summary>
/// <remarks>A system without the library has no such codec, which is said to peers, so that none is sent what it cannot read.</remarks>
public abstract unsafe class NativeCodec
{
    /// <summary>LZ4 of <c>liblz4.so.1</c>.</summary>
    public static readonly NativeCodec Lz4 = new Lz4Codec();

    /// <summary>Zstandard of <c>libzstd.so.1</c>, at its fastest regular level.</summary>
    public static readonly NativeCodec Zstandard = new ZstandardCodec();

    private protected NativeCodec(string library)
    {
        Library = library;
        IsAvailable = NativeLibrary.TryLoad(library, out nint handle) && TryBind(handle);
    }

    /// <summary>The library's file name.</summary>
    public string Library { get; }

    /// <summary>Whether this system has it.</summary>
    public bool IsAvailable { get; }

    /// <summary>All there are, with their names on the wire.</summary>
    public static IReadOnlyList<(PayloadCodec Codec, NativeCodec Native)> All { get; } = [(PayloadCodec.Lz4, Lz4), (PayloadCodec.Zstandard, Zstandard)];

    /// <summary>The codec behind a name; null for <see cref="PayloadCodec.None"/> and for one that this system does not have.</summary>
    public static NativeCodec? Of(PayloadCodec codec) => codec switch
    {
        PayloadCodec.Lz4 when Lz4.IsAvailable => Lz4,
        PayloadCodec.Zstandard when Zstandard.IsAvailable => Zstandard,
        _ => null,
    };

    /// <summary>Compresses.</summary>
    /// <returns>Bytes written; 0 when the result does not fit the destination.</returns>
    public int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (source.IsEmpty || destination.IsEmpty)
        {
            return 0;
        }

        fixed (byte* from = source, to = destination)
        {
            return Compress(from, source.Length, to, destination.Length);
        }
    }

    /// <summary>Restores bytes that a peer sent. Writes nothing beyond the destination, whatever they are.</summary>
    /// <returns>Whether they are well formed and fill the destination to its last byte.</returns>
    public bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (source.IsEmpty || destination.IsEmpty)
        {
            return false;
        }

        fixed (byte* from = source, to = destination)
        {
            return Decompress(from, source.Length, to, destination.Length) == destination.Length;
        }
    }

    private protected abstract bool TryBind(nint library);

    private protected abstract int Compress(byte* source, int length, byte* destination, int capacity);

    /// <summary>Bytes restored; below 0 for malformed input or a result that is too long.</summary>
    private protected abstract int Decompress(byte* source, int length, byte* destination, int capacity);
}
