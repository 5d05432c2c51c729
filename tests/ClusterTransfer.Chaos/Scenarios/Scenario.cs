using ClusterTransfer.Chaos.Faults;

namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>A kind of run of the proving ground.</summary>
/// <param name="Name">As given to <c>scripts/chaos.sh run</c>.</param>
/// <param name="Rows">Rows of docs/faults.md.</param>
/// <param name="Proves">In one line.</param>
/// <param name="Count">Rounds by default.</param>
/// <param name="ShortCount">Rounds of <c>all --short</c>, and of the tests.</param>
/// <param name="Body">Plays it.</param>
internal sealed record Scenario(string Name, string Rows, string Proves, int Count, int ShortCount, Func<ScenarioRun, Task> Body)
{
    /// <summary>Plays it and says what fired.</summary>
    /// <exception cref="Harness.ChaosException">A claim did not hold.</exception>
    /// <exception cref="InvalidRunException">Nothing fired.</exception>
    public async Task RunAsync(ScenarioRun run)
    {
        try
        {
            await Body(run);
        }
        finally
        {
            foreach (string line in run.Coverage.Lines())
            {
                run.Write(line);
            }
        }

        if (run.Coverage.Total == 0)
        {
            throw new InvalidRunException($"{Name}: no fault fired, so the run proves nothing. It is invalid, neither passed nor failed.");
        }
    }
}

/// <summary>One run of a scenario.</summary>
/// <param name="seed">The same seed plans the same faults.</param>
/// <param name="count">Rounds.</param>
/// <param name="time">For scenarios that run for a time: how long.</param>
/// <param name="write">Takes lines for people.</param>
internal sealed class ScenarioRun(int seed, int count, TimeSpan time, Action<string> write)
{
    public int Seed => seed;

    public int Count => count;

    public TimeSpan Time => time;

    public Coverage Coverage { get; } = new();

    /// <summary>The dice of one round: the same for the same seed and round, whichever rounds ran before it.</summary>
    public Random RandomOf(int round) => new(unchecked((seed * 1_000_003) + round));

    public void Write(string line) => write(line);
}

/// <summary>A run that cannot say anything, which must not pass for a good one.</summary>
internal sealed class InvalidRunException(string message) : Exception(message);
