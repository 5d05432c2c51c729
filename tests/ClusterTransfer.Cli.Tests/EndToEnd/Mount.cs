using System.Diagnostics;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Cli.Tests.EndToEnd;

/// <summary>A file system or an attribute that only root can set, taken back at the end. Without it the test is skipped and says why.</summary>
internal sealed class Mount : IAsyncDisposable
{
    private readonly string[] _undo;

    private Mount(string[] undo) => _undo = undo;

    /// <summary>A file system of so many MiB in memory.</summary>
    public static Task<Mount> SmallAsync(string folder, int mebibytes) =>
        DoAsync(["mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", folder], ["umount", folder]);

    /// <summary>A folder in which not even root may make a name.</summary>
    public static Task<Mount> ImmutableAsync(string folder) => DoAsync(["chattr", "+i", folder], ["chattr", "-i", folder]);

    public async ValueTask DisposeAsync() => await RunAsync(_undo);

    private static async Task<Mount> DoAsync(string[] command, string[] undo)
    {
        (int exit, string error) = await RunAsync(command);
        if (exit != 0)
        {
            Assert.Skip($"'{string.Join(' ', command)}' is not possible here: {error}");
        }

        return new Mount(undo);
    }

    private static async Task<(int Exit, string Error)> RunAsync(string[] command)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
            string error = await process.StandardError.ReadToEndAsync().WithinDeadline();
            await process.WaitForExitAsync().WithinDeadline();
            return (process.ExitCode, error.Trim());
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (-1, missing.Message);
        }
    }
}
