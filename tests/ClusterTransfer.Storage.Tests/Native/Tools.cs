using System.Diagnostics;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Tests.Native;

/// <summary>Makes what .NET cannot: pipes and bind mounts, by the tools every Linux has.</summary>
internal static class Tools
{
    public static void MakePipe(string path) => Run("mkfifo", path);

    /// <summary>Runs a tool and fails unless it ends well.</summary>
    public static void Run(string tool, params string[] arguments) =>
        Assert.True(TryRun(tool, arguments), $"{tool} {string.Join(' ', arguments)} failed.");

    /// <summary>Runs one test once more as a user without privileges when this is root, to whom no file is closed.</summary>
    /// <returns>False when this process is an ordinary user's, so that the test goes on here.</returns>
    public static bool RanAsOrdinaryUser(Type test, string method)
    {
        if (NativePath.EffectiveUser != 0)
        {
            return false;
        }

        Assert.SkipUnless(TryRun("setpriv", "--version"), "This system has no setpriv.");
        string program = Environment.ProcessPath!;
        string[] start = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, test.Assembly.Location] : [program];
        Run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", .. start, "-method", $"{test.FullName}.{method}"]);
        return true;
    }

    /// <summary>Whether the tool is there and ended well.</summary>
    public static bool TryRun(string tool, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            string output = process.StandardOutput.ReadToEnd();
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            TestContext.Current.TestOutputHelper?.WriteLine($"{tool}: {output}{errors}");
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
