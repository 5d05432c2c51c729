using System.Diagnostics;
using ClusterTransfer.Fuzz.Coverage;

namespace ClusterTransfer.Fuzz.Tests;

/// <summary>The instrumented copy behaves as the original and sees branches.</summary>
public sealed class CoverageTests
{
    [Fact]
    public async Task InstrumentedCopy_RunsATarget_AndReportsItsBranches()
    {
        string folder = Directory.CreateTempSubdirectory("ct-fuzz-").FullName;
        try
        {
            int ways = Instrumenter.CopyTo(folder, FuzzTargets.Create());
            Assert.InRange(ways, 1_000, BranchMap.Size);
            (int code, string output) = await RunAsync(folder, "manifest", "--count", "20000", "--coverage");
            Assert.True(code == 0, output);
            Assert.Contains("manifest: branch coverage ", output, StringComparison.Ordinal);

            // Next to nothing was tried, so next to nothing can be covered: exit code 5, not 0.
            (code, output) = await RunAsync(folder, "frame", "--count", "5", "--first", "100000", "--coverage");
            Assert.True(code is 4 or 5, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Program_WithoutInstrumentation_RefusesToSpeakOfCoverage()
    {
        (int code, string output) = await RunAsync(AppContext.BaseDirectory, "frame", "--coverage");
        Assert.Equal(2, code);
        Assert.Contains("instrumented", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "ClusterTransfer.Fuzz.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!; // throws when it cannot be started
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }
}
