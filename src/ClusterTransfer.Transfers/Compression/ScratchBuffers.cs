using System.Collections.Concurrent;

namespace ClusterTransfer.Transfers.Compression;

/// <summary>Memory in which workers compress and restore chunks: as many pieces as workers use at once, each as long as the longest chunk it served. Thread-safe.</summary>
internal sealed class ScratchBuffers
{
    // What is written to a disk past the page cache must begin at a page.
    private const int Page = 4096;

    private readonly ConcurrentBag<Piece> _free = [];

    /// <summary>Lends at least so many bytes; dispose to give them back.</summary>
    public Lent Borrow(int length)
    {
        if (!_free.TryTake(out Piece? piece) || piece.Capacity < length)
        {
            piece = new Piece(length);
        }

        return new Lent(this, piece, length);
    }

    /// <summary>A borrowed piece.</summary>
    internal readonly struct Lent(ScratchBuffers owner, Piece piece, int length) : IDisposable
    {
        public Span<byte> Span => piece.Bytes[..length];

        public void Dispose() => owner._free.Add(piece);
    }

    internal sealed class Piece
    {
        private readonly byte[] _array;
        private readonly int _start;

        public Piece(int length)
        {
            Capacity = length;
            _array = GC.AllocateUninitializedArray<byte>(length + Page, pinned: true);
            _start = (int)(-(long)AddressOf(_array) & (Page - 1));
        }

        public int Capacity { get; }

        public Span<byte> Bytes => _array.AsSpan(_start, Capacity);

        private static nint AddressOf(byte[] pinned) => System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
    }
}
