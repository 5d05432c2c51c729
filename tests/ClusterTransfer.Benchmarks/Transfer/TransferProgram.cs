using System.Globalization;
using System.Runtime.InteropServices;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Results;
using ClusterTransfer.Benchmarks.Transfer.Tools;

namespace ClusterTransfer.Benchmarks.Transfer;

/// <summary>The command <c>transfer</c>.</summary>
internal static class TransferProgram
{
    /// <summary>How long an ext4 without a journal leaves deleted inodes alone, with room to spare.</summary>
    private static readonly TimeSpan DeletedCount = TimeSpan.FromMinutes(10);

    /// <summary>Runs it.</summary>
    /// <param name="words">The command line behind <c>transfer</c>.</param>
    /// <returns>The exit code: 0 when everything that was tried arrived, 1 when something did not, 2 when it was called wrongly, 130 when it was interrupted.</returns>
    public static async Task<int> RunAsync(string[] words)
    {
        if (words is ["--help" or "-h"])
        {
            Console.WriteLine(TransferArguments.Usage);
            return 0;
        }

        if (words is ["--tools", "list"])
        {
            ListTools();
            return 0;
        }

        using var interrupt = new CancellationTokenSource();
        using PosixSignalRegistration keys = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration ended = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration closed = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        try
        {
            return await RunAsync(TransferArguments.Parse(words), interrupt.Token);
        }
        catch (BenchmarkException error)
        {
            Console.Error.WriteLine($"error: {error.Message}; see scripts/bench.sh transfer --help");
            return 2;
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            Console.Error.WriteLine("interrupted; everything that was started has been stopped");
            return 130;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;   // The end of the process is ours to prepare: servers, namespaces and folders go first.
            interrupt.Cancel();
        }
    }

    private static async Task<int> RunAsync(TransferArguments arguments, CancellationToken cancellationToken)
    {
        string work = arguments.Folder;
        string stamp = work + ".cleaned";
        Directory.CreateDirectory(work);
        if (arguments.Installs)
        {
            await InstallAsync(arguments.Tools, cancellationToken);
        }

        if (arguments.Data.Contains("tree") && File.Exists(stamp) && TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(stamp) < DeletedCount)
        {
            Say("note: trees were deleted here minutes ago; an ext4 without a journal makes new ones slowly for a while. Wait ten minutes, or use --keep.");
        }

        try
        {
            Machine machine = await Machine.LookAsync(Repository.Root, work, cancellationToken);
            string file = arguments.Out
                ?? Path.Combine(Repository.Root, "docs", "benchmarks", string.Create(CultureInfo.InvariantCulture, $"transfer-{TimeProvider.System.GetLocalNow():yyyy-MM-dd}.md"));
            var results = new List<ScenarioResult>();
            await foreach (ScenarioResult result in new TransferBenchmark(arguments, Say).RunAsync(cancellationToken))
            {
                // After each data set: who is interrupted in the next keeps what there is.
                results.Add(result);
                await WriteAsync(file, arguments, machine, results, cancellationToken);
            }

            Console.Write(await File.ReadAllTextAsync(file, cancellationToken));
            return results.All(IsGood) ? 0 : 1;
        }
        finally
        {
            if (!arguments.Keeps)
            {
                Say("cleaning up");
                Directory.Delete(work, recursive: true);
                await File.WriteAllTextAsync(stamp, "", CancellationToken.None);
            }
        }
    }

    private static async Task WriteAsync(string file, TransferArguments arguments, Machine machine, IReadOnlyList<ScenarioResult> results, CancellationToken cancellationToken)
    {
        string picture = Path.ChangeExtension(file, ".svg");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        await File.WriteAllTextAsync(picture, TransferReport.Draw(results), cancellationToken);
        await File.WriteAllTextAsync(file, TransferReport.Write(arguments, machine, results, Path.GetFileName(picture)), cancellationToken);
        Say($"written to {file} and {picture}");
    }

    private static bool IsGood(ScenarioResult result) =>
        result.Data is not null && result.Summaries.Any(summary => summary.Good > 0) && result.Summaries.SelectMany(summary => summary.All).All(copy => copy.Outcome is Outcome.Ok or Outcome.Skipped);

    private static async Task InstallAsync(IReadOnlyList<Tool> tools, CancellationToken cancellationToken)
    {
        string[] packages = [.. tools.SelectMany(Catalogue.Missing).Select(need => need.Package).Distinct()];
        if (packages.Length == 0)
        {
            return;
        }

        if (!Environment.IsPrivilegedProcess)
        {
            throw new BenchmarkException($"--install takes root; run: sudo apt-get install {string.Join(' ', packages)}");
        }

        Say($"installing {string.Join(' ', packages)}");
        var quiet = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        await RunningProcess.CallAsync(new Command("apt-get", "-qq", "update") { Environment = quiet }, cancellationToken);
        await RunningProcess.CallAsync(new Command("apt-get", ["-qq", "install", "-y", "--no-install-recommends", .. packages]) { Environment = quiet }, cancellationToken);
    }

    private static void ListTools()
    {
        var table = new MarkdownTable("Tool", "encrypted", "verified", "here");
        foreach (Tool tool in Catalogue.All)
        {
            IReadOnlyList<Need> missing = Catalogue.Missing(tool);
            table.Add(tool.Name, tool.Encryption, tool.Verification, missing.Count == 0 ? "yes" : Catalogue.HowToInstall(missing));
        }

        Console.Write(table);
    }

    private static void Say(string line) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}"));
}
