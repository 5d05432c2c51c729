using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ClusterTransfer.Model.Faults;

/// <content>What a reached point does, compiled into ClusterTransfer.Model of builds with fail points and into nothing else.</content>
/// <remarks>Environment <c>CT_FAULT_PLAN</c> names a file of lines <c>NAME HIT ACTION</c>, read again whenever it changed; a hit counts from then on. HIT is a number from 1, or * for each.
/// ACTION is <c>record</c>, <c>kill</c> (SIGKILL to itself), <c>crash</c> (an unhandled exception on a pool thread), <c>throw</c> or <c>delay=MILLISECONDS</c>. A line <c>NAME HIT ACTION PID</c> is appended to the file <c>CT_FAULT_LOG</c>
/// before an action is taken, so that it is there whatever becomes of the process.</remarks>
internal static partial class Fault
{
    private const int SigKill = 9;
    private static readonly string? PlanFile = Environment.GetEnvironmentVariable("CT_FAULT_PLAN");
    private static readonly string? LogFile = Environment.GetEnvironmentVariable("CT_FAULT_LOG");
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, int> Hits = [];
    private static string _read = "";
    private static (string Name, int? Hit, string Action)[] _plan = [];

    static partial void Reach(string name)
    {
        if (PlanFile is null)
        {
            return;
        }

        string? action = null;
        lock (Gate)
        {
            ReadPlan();
            int hit = Hits[name] = Hits.GetValueOrDefault(name) + 1;
            foreach ((string planned, int? at, string what) in _plan)
            {
                if ((planned == name || planned == "*") && (at is null || at == hit))
                {
                    action = what;
                    Record(string.Create(CultureInfo.InvariantCulture, $"{name} {hit} {what} {Environment.ProcessId}\n"));
                    break;
                }
            }
        }

        Act(name, action);
    }

    private static void Act(string name, string? action)
    {
        switch (action)
        {
            case "kill":
                _ = Kill(Environment.ProcessId, SigKill);
                Thread.Sleep(Timeout.Infinite); // the signal is on its way; nothing may happen after the point
                break;
            case "crash":
                // What no code catches: the runtime ends the process.
                ThreadPool.UnsafeQueueUserWorkItem(static point => throw new InvalidOperationException($"Fail point {point}, on a pool thread."), name, preferLocal: false);
                Thread.Sleep(Timeout.Infinite);
                break;
            case "throw":
                throw new InvalidOperationException($"Fail point {name}.");
            case { } delay when delay.StartsWith("delay=", StringComparison.Ordinal):
                Thread.Sleep(int.Parse(delay.AsSpan("delay=".Length), NumberStyles.None, CultureInfo.InvariantCulture));
                break;
            default:
                break;
        }
    }

    // The plan is replaced by a rename: it is never seen half written.
    private static void ReadPlan()
    {
        string text = File.Exists(PlanFile) ? File.ReadAllText(PlanFile) : "";
        if (text == _read)
        {
            return;
        }

        _read = text;
        Hits.Clear();
        _plan = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(line => line.Split(' '))
            .Select(words => (words[0], words[1] == "*" ? (int?)null : int.Parse(words[1], NumberStyles.None, CultureInfo.InvariantCulture), words[2]))];
    }

    private static void Record(string line)
    {
        if (LogFile is not null)
        {
            using var log = new FileStream(LogFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            log.Write(Encoding.ASCII.GetBytes(line));
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
