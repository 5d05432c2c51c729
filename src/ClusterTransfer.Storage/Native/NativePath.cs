using System.Runtime.InteropServices;
using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Storage.Native;

/// <summary>Questions about absolute paths that an operator configured.</summary>
internal static unsafe class NativePath
{
    /// <summary>User id this process acts as.</summary>
    public static uint EffectiveUser => Libc.GetEUid();

    /// <summary>The path without links, "." and "..".</summary>
    /// <exception cref="NativeException">It does not exist, or its real name is not UTF-8.</exception>
    public static string Canonical(string path)
    {
        byte* resolved = stackalloc byte[NativeName.PathBuffer];
        Span<byte> buffer = stackalloc byte[NativeName.PathBuffer];
        Errno errno = NativeName.CopyPath(Encoding.UTF8.GetBytes(path), buffer);
        if (errno == Errno.None)
        {
            fixed (byte* text = buffer)
            {
                errno = Libc.RealPath(text, resolved) == null ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            }
        }

        if (errno != Errno.None)
        {
            throw new NativeException(errno, "find", PathText.Escape(path));
        }

        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(resolved);
        string canonical = Encoding.UTF8.GetString(bytes);
        return Encoding.UTF8.GetBytes(canonical).AsSpan().SequenceEqual(bytes)
            ? canonical
            : throw new NativeException(Errno.Invalid, "take a path that is not UTF-8", PathText.Escape(bytes));
    }
}
