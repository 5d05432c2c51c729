using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using ClusterTransfer.TestKit;
using Microsoft.Win32.SafeHandles;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Files whose names no string of .NET can hold, by the system's own calls.</summary>
internal static partial class RawFiles
{
    private const int WriteOnlyCreate = 0x41;

    public static void Write(string folder, ReadOnlySpan<byte> name, byte[] content)
    {
        using SafeFileHandle file = Open(folder, name, WriteOnlyCreate);
        RandomAccess.Write(file, content, 0);
    }

    public static byte[] Read(string folder, ReadOnlySpan<byte> name)
    {
        using SafeFileHandle file = Open(folder, name, 0);
        byte[] content = new byte[RandomAccess.GetLength(file)];
        Assert.Equal(content.Length, RandomAccess.Read(file, content, 0));
        return content;
    }

    /// <summary>Empties a folder that .NET cannot empty.</summary>
    public static async Task RemoveAsync(string folder)
    {
        using Process remove = Process.Start("rm", ["-rf", "--", folder]);
        await remove.WaitForExitAsync().WithinDeadline();
    }

    private static SafeFileHandle Open(string folder, ReadOnlySpan<byte> name, int flags)
    {
        byte[] path = [.. Encoding.UTF8.GetBytes(folder), (byte)'/', .. name, 0];
        int descriptor = OpenFile(path, flags, 0x1a4);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFile(byte[] path, int flags, int mode);
}
