using System.Diagnostics;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>A small file system in memory, mounted in a folder of the test; needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string root) => Root = root;

    public string Root { get; }

    /// <summary>Null where this machine does not let us mount.</summary>
    public static async Task<SmallDisk?> TryMountAsync(string folder, long bytes)
    {
        Directory.CreateDirectory(folder);
        return await RunAsync("mount", "-t", "tmpfs", "-o", $"size={bytes},mode=0700", "tmpfs", folder) ? new SmallDisk(folder) : null;
    }

    /// <summary>Takes all space but so much.</summary>
    public void FillUpTo(long free)
    {
        using FileStream filler = File.Create(Path.Combine(Root, "filler"));
        byte[] block = new byte[1024 * 1024];
        while (new DriveInfo(Root).AvailableFreeSpace > free)
        {
            filler.Write(block, 0, (int)Math.Min(block.Length, new DriveInfo(Root).AvailableFreeSpace - free));
            filler.Flush();
        }
    }

    public void Empty() => File.Delete(Path.Combine(Root, "filler"));

    public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", Root);

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
