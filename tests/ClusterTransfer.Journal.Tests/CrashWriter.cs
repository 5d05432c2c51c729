using System.Globalization;

namespace ClusterTransfer.Journal.Tests;

/// <summary>Appends one event after the other and prints the number of each when it is acknowledged, until it is killed.</summary>
internal static class CrashWriter
{
    public const string Argument = "--crash-writer";

    // Far more than the test waits for: it is to die while writing.
    private const int Limit = 1_000_000;

    public static async Task<int> RunAsync(string file)
    {
        await using SqliteJournal journal = await SqliteJournal.OpenAsync(file, Samples.Types(), TimeProvider.System, CancellationToken.None);
        using StreamWriter output = new(Console.OpenStandardOutput()) { AutoFlush = true };
        for (int i = 1; i <= Limit; i++)
        {
            await journal.AppendAsync("s", i - 1, Samples.Events(i, 1), CancellationToken.None);
            await output.WriteLineAsync(i.ToString(CultureInfo.InvariantCulture));
        }

        return 0;
    }
}
