using System.Diagnostics;

namespace ClusterTransfer.Storage.Tests.Native;

/// <summary>Makes what .NET cannot: pipes and bind mounts, by the tools every Linux has.</summary>
internal static class Tools
{
    public static void MakePipe(string path) => Run("mkfifo", path);

    /// <summary>Runs a tool and fails unless it ends well.</summary>
    public static void Run(string tool, params string[] arguments) =>
        Assert.True(TryRun(tool, arguments), $"{tool} {string.Join(' ', arguments)} failed.");

    /// <summary>Whether the tool is there and ended well.</summary>
    public static bool TryRun(string tool, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
