using System.Diagnostics;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Fuzz.Coverage;

namespace ClusterTransfer.Fuzz;

/// <summary>Runs one target for the command line and says what came of it.</summary>
internal sealed class FuzzSession(IFuzzTarget target, FuzzArguments asked)
{
    // After a crash of the whole process the last line says where to look.
    private const long Block = 500_000;

    private readonly FuzzRun _run = new(target, asked.Seed);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private long _heapMost;

    /// <summary>Returns the exit code.</summary>
    public int Run()
    {
        using var watch = new HangWatch($"{target.Name}, seed {asked.Seed}", () => (_run.Index, _run.Current));
        try
        {
            for (long done = 0; done < asked.Count; done += Block)
            {
                _run.Run(asked.First + done, Math.Min(Block, asked.Count - done));
                _heapMost = Math.Max(_heapMost, GC.GetTotalMemory(forceFullCollection: false));
                Console.WriteLine(FormattableString.Invariant($"  {_run.Count:N0} of {asked.Count:N0}, slowest {_run.Slowest.TotalMilliseconds:N0} ms (index {_run.SlowestIndex}), {_clock.Elapsed.TotalSeconds:N0} s"));
            }
        }
        catch (FuzzException failure)
        {
            Console.Error.WriteLine($"FAILED: {failure.Message}\n{failure.InnerException}");
            return 1;
        }

        Summarize();
        if (_run.Valid == 0 || _run.Valid == _run.Count)
        {
            Console.Error.WriteLine($"{target.Name}: INVALID RUN: {(_run.Valid == 0 ? "no input was accepted" : "no input was rejected")}, so it proves nothing.");

            // One input that is looked at again is no run.
            return asked.Count > 1 ? 4 : 0;
        }

        return asked.Coverage ? ReportCoverage() : 0;
    }

    private void Summarize()
    {
        string made = string.Join(", ", _run.Kinds.Select(kind => FormattableString.Invariant($"{kind.Key} {kind.Value}")));
        Console.WriteLine($"{target.Name}: inputs: {made}");
        if (target is ByteTarget bytes)
        {
            Console.WriteLine($"{target.Name}: changes: {string.Join(", ", bytes.Changes.Select(change => FormattableString.Invariant($"{change.Name} {change.Count}")))}");
        }

        double seconds = _clock.Elapsed.TotalSeconds;
        Console.WriteLine(FormattableString.Invariant(
            $"{target.Name}: {_run.Count} executions of seed {asked.Seed} from {asked.First}, {_run.Valid} accepted, {_run.Count - _run.Valid} rejected, 0 crashes, 0 hangs, {seconds:0} s, {_run.Count / seconds:0} a second, slowest {_run.Slowest.TotalMilliseconds:0} ms, heap at most {_heapMost / 1048576.0:0} MiB, peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:0} MiB"));
    }

    private int ReportCoverage()
    {
        BranchReport report = BranchReport.Of(target);
        foreach (string line in report.Lines(target.Name))
        {
            Console.WriteLine(line);
        }

        return report.Share > BranchReport.Wanted ? 0 : 5;
    }
}
