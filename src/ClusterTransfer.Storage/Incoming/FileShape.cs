using ClusterTransfer.Storage.Native;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>How a staged file of one entry lies on the disk: how long it is, and which ranges have no blocks.</summary>
/// <param name="Entry">The file.</param>
/// <param name="BaseChunkSize">That of its page.</param>
internal readonly record struct FileShape(ManifestEntry Entry, int BaseChunkSize)
{
    // Zeros shorter than this are stored: a file system has no use for smaller holes, and each is a call.
    private const int HoleGrain = 64 * 1024;

    public long Size => Entry.Size;

    public bool IsSparse => Entry.Holes.Count > 0;

    private int Piece => ChunkSizes.For(Entry.Size, BaseChunkSize);

    /// <summary>Reserves blocks for everything that is no hole and sets the size; finds a full disk early.</summary>
    public Errno TryAllocate(FileHandle file)
    {
        if (!IsSparse)
        {
            return SetLengthWhereUnsupported(file, file.TryAllocate(Size));
        }

        file.SetLength(Size);
        long from = 0;
        foreach (FileHole hole in Entry.Holes)
        {
            Errno errno = TryAllocate(file, from, hole.First * Piece);
            if (errno != Errno.None)
            {
                return errno;
            }

            from = hole.End * Piece;
        }

        return TryAllocate(file, from, Size);
    }

    /// <summary>Writes a chunk. In a sparse file its zeros take no blocks either, whatever was there before.</summary>
    public Errno TryWrite(StagedFile file, ReadOnlySpan<byte> payload, long offset)
    {
        if (!IsSparse)
        {
            return file.TryWrite(payload, offset);
        }

        int at = 0;
        while (at < payload.Length)
        {
            bool isZero = IsZero(Grain(payload, at));
            int end = at + Grain(payload, at).Length;
            while (end < payload.Length && IsZero(Grain(payload, end)) == isZero)
            {
                end += Grain(payload, end).Length;
            }

            ReadOnlySpan<byte> run = payload[at..end];
            // Open while it is lent.
            Errno errno = isZero ? file.Handle!.TryPunch(offset + at, run.Length) : Errno.NotSupported;
            errno = errno == Errno.NotSupported ? file.TryWrite(run, offset + at) : errno;
            if (errno != Errno.None)
            {
                return errno;
            }

            at = end;
        }

        return Errno.None;
    }

    /// <summary>Makes sure that the holes hold nothing: no chunk covers them, so nothing else would notice.</summary>
    /// <exception cref="NativeException">The file system failed.</exception>
    public void ClearHoles(FileHandle file)
    {
        foreach (FileHole hole in Entry.Holes)
        {
            long end = hole.End * Piece;
            for (long offset = hole.First * Piece; offset < end; offset += Piece)
            {
                file.TryFindData(offset, out long data).OrThrow("find the data of", file);
                if (data >= end)
                {
                    break;
                }

                offset = data / Piece * Piece;
                Errno errno = file.TryPunch(offset, Piece);
                if (errno == Errno.NotSupported)
                {
                    errno = Overwrite(file, offset);
                }

                errno.OrThrow("clear a hole of", file);
            }
        }
    }

    // A file system that makes no holes often cannot tell them either: zeros that are there already are not stored once more.
    private Errno Overwrite(FileHandle file, long offset)
    {
        byte[] bytes = new byte[Piece];
        Errno errno = file.TryRead(bytes, offset, out _);
        if (errno != Errno.None || IsZero(bytes))
        {
            return errno;
        }

        bytes.AsSpan().Clear();
        return file.TryWrite(bytes, offset);
    }

    private static ReadOnlySpan<byte> Grain(ReadOnlySpan<byte> payload, int at) => payload.Slice(at, Math.Min(HoleGrain, payload.Length - at));

    private static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);

    private Errno TryAllocate(FileHandle file, long from, long to) =>
        from == to ? Errno.None : SetLengthWhereUnsupported(file, file.TryAllocate(from, to - from));

    private Errno SetLengthWhereUnsupported(FileHandle file, Errno errno)
    {
        if (errno != Errno.NotSupported)
        {
            return errno;
        }

        file.SetLength(Size);
        return Errno.None;
    }
}
