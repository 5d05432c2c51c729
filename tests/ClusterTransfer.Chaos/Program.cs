using System.Diagnostics;
using System.Globalization;
using ClusterTransfer.Chaos.Scenarios;

namespace ClusterTransfer.Chaos;

/// <summary>Two programs in one: <c>chaos list|run|all</c> is the proving ground of scripts/chaos.sh, anything else the tests.</summary>
internal static class Program
{
    private const int Failed = 1;
    private const int Usage = 2;
    private const int Invalid = 3;

    public static Task<int> Main(string[] arguments) => arguments is ["chaos", .. string[] rest]
        ? ChaosAsync(rest)
        : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);

    private static async Task<int> ChaosAsync(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["list"]:
                    foreach (Scenario scenario in AllScenarios.List)
                    {
                        Console.WriteLine($"{scenario.Name,-16} {scenario.Rows,-16} {scenario.Proves}");
                    }

                    return 0;
                case ["run", string name, .. string[] options] when AllScenarios.Find(name) is { } scenario && TryRead(options, out RunOptions given) && !given.Short:
                    return await RunAsync(scenario, given);
                case ["all", .. string[] options] when TryRead(options, out RunOptions given):
                    return await AllAsync(given);
                default:
                    Console.Error.WriteLine("usage: list | run NAME [--seed S] [--count N] [--seconds N] | all [--short] [--seed S]; see 'list' for names");
                    return Usage;
            }
        }
        catch (OperationCanceledException)
        {
            return Failed;
        }
    }

    private static async Task<int> AllAsync(RunOptions given)
    {
        int worst = 0;
        foreach (Scenario scenario in AllScenarios.List)
        {
            int code = await RunAsync(scenario, given);
            worst = code == Failed || worst == 0 ? Math.Max(code, worst == Failed ? Failed : code) : worst;
        }

        return worst;
    }

    private static async Task<int> RunAsync(Scenario scenario, RunOptions given)
    {
        int count = given.Count ?? (given.Short ? scenario.ShortCount : scenario.Count);
        Console.WriteLine($"{scenario.Name} ({scenario.Rows}): {scenario.Proves}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  seed {given.Seed}, count {count}"));
        long began = Stopwatch.GetTimestamp();
        int code = 0;
        try
        {
            await scenario.RunAsync(new ScenarioRun(given.Seed, count, TimeSpan.FromSeconds(given.Seconds ?? (given.Short ? 30 : 3600)), Console.WriteLine));
        }
        catch (Exception error) when (error is InvalidRunException or MissingToolException)
        {
            Console.WriteLine($"  INVALID: {error.Message}");
            code = Invalid;
        }
        catch (Exception error)
        {
            Console.WriteLine($"  FAILED: {error.Message}\n  again: scripts/chaos.sh run {scenario.Name} --seed {given.Seed} --count {count}");
            code = Failed;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{scenario.Name}: {(code == 0 ? "held" : code == Invalid ? "invalid" : "FAILED")} in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));
        return code;
    }

    private static bool TryRead(string[] options, out RunOptions given)
    {
        given = new RunOptions();
        for (int i = 0; i < options.Length; i++)
        {
            if (options[i] == "--short")
            {
                given = given with { Short = true };
                continue;
            }

            if (i + 1 >= options.Length || !int.TryParse(options[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return false;
            }

            switch (options[i++])
            {
                case "--seed":
                    given = given with { Seed = number };
                    break;
                case "--count":
                    given = given with { Count = number };
                    break;
                case "--seconds":
                    given = given with { Seconds = number };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private sealed record RunOptions
    {
        public int Seed { get; init; } = 1;

        public int? Count { get; init; }

        public int? Seconds { get; init; }

        public bool Short { get; init; }
    }
}
