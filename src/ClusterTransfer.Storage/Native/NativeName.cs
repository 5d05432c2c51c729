namespace ClusterTransfer.Storage.Native;

/// <summary>Copies a name or path into a caller's buffer and ends it with NUL, as system calls want it.</summary>
internal static class NativeName
{
    /// <summary>Longest path the kernel takes, its NUL included.</summary>
    public const int PathBuffer = 4096;

    /// <summary>Room for the longest name and its NUL.</summary>
    public const int NameBuffer = 256;

    /// <summary>Copies one name: not empty, not "." or "..", no separator and no NUL.</summary>
    public static Errno CopyName(ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        if (name.IsEmpty || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) || name.ContainsAny((byte)'/', (byte)0))
        {
            return Errno.Invalid;
        }

        return Copy(name, buffer);
    }

    /// <summary>Copies a path; the empty one stands for the folder itself.</summary>
    public static Errno CopyPath(ReadOnlySpan<byte> path, Span<byte> buffer) =>
        path.Contains((byte)0) ? Errno.Invalid : Copy(path.IsEmpty ? "."u8 : path, buffer);

    private static Errno Copy(ReadOnlySpan<byte> bytes, Span<byte> buffer)
    {
        if (bytes.Length >= buffer.Length)
        {
            return Errno.NameTooLong;
        }

        bytes.CopyTo(buffer);
        buffer[bytes.Length] = 0;
        return Errno.None;
    }
}
