using System.Globalization;
using System.Runtime.CompilerServices;
using ClusterTransfer.Benchmarks.Transfer.Data;
using ClusterTransfer.Benchmarks.Transfer.Networks;
using ClusterTransfer.Benchmarks.Transfer.Processes;
using ClusterTransfer.Benchmarks.Transfer.Results;
using ClusterTransfer.Benchmarks.Transfer.Tools;

namespace ClusterTransfer.Benchmarks.Transfer;

/// <summary>Compares tools: makes data, starts servers, lets everybody copy in turns, and takes everything down.</summary>
/// <param name="arguments">What is compared.</param>
/// <param name="say">Takes a line for the person who waits.</param>
internal sealed class TransferBenchmark(TransferArguments arguments, Action<string> say)
{
    private readonly string _dataFolder = Path.Combine(arguments.Folder, "data");

    // Of this run alone: with --keep the copies of earlier ones are still there.
    private readonly Landing _landing = new(Path.Combine(arguments.Folder, "copies", Guid.NewGuid().ToString("N")));
    private int _copies;

    /// <summary>Measures all data sets, one after the other.</summary>
    public async IAsyncEnumerable<ScenarioResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_dataFolder);
        foreach (Scenario scenario in arguments.Data.SelectMany(name => Scenario.Of(name, arguments)))
        {
            ScenarioResult result;
            try
            {
                result = await RunAsync(scenario, cancellationToken);
            }
            catch (BenchmarkException error)
            {
                say($"{scenario.Name}: not run: {error.Message}");
                result = new ScenarioResult(scenario, "", null, [], error.Message);
            }

            yield return result;
        }
    }

    private async Task<ScenarioResult> RunAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        say($"{scenario.Name}: making the data");
        var maker = new DataMaker(_dataFolder, cancellationToken);
        DataSet data = scenario.Make(maker);
        DataSet warmUp = scenario.WarmUp(maker);
        using var memory = new MemoryTouch(arguments.Touch ?? MemoryTouch.Suggest(data.Bytes));
        await using INetwork network = await scenario.Connect(cancellationToken);
        await using var stage = new Stage(_dataFolder, network.Source, network.Destination, Path.GetFullPath(arguments.Ct));
        var results = new List<CopyResult>();
        List<(Tool Tool, ReadyTool Ready)> ready = await StartAsync(stage, network, warmUp, results, cancellationToken);
        var meter = new Meter(stage, data, arguments);
        for (int round = 0; round < arguments.Runs; round++)
        {
            foreach ((Tool tool, ReadyTool servers) in Statistics.Rotate(ready, round))
            {
                CopyResult result = await CopyAsync(meter, tool, servers, round + 1, cancellationToken);
                results.Add(result);
                say(string.Create(CultureInfo.InvariantCulture,
                    $"{scenario.Name}, round {round + 1} of {arguments.Runs}: {tool.Name} {result.Outcome} {result.Wall.TotalSeconds:0.00} s, {data.Bytes / 1e6 / result.Wall.TotalSeconds:0} MB/s, {result.CpuSeconds:0.00} CPU s {result.Reason}"));
            }
        }

        return new ScenarioResult(
            scenario, network.Description, data, [.. arguments.Tools.Select(tool => new Summary(tool, data.Bytes, results.Where(result => result.Tool == tool.Name)))]);
    }

    // Who cannot take part gets a row that says why.
    private async Task<List<(Tool Tool, ReadyTool Ready)>> StartAsync(Stage stage, INetwork network, DataSet warmUp, List<CopyResult> results, CancellationToken cancellationToken)
    {
        var ready = new List<(Tool, ReadyTool)>();
        var meter = new Meter(stage, warmUp, arguments);
        foreach (Tool tool in arguments.Tools)
        {
            string trouble = "";
            if (Catalogue.Missing(tool) is { Count: > 0 } missing)
            {
                trouble = $"{string.Join(", ", missing.Select(need => need.Program).Distinct())} is missing: {Catalogue.HowToInstall(missing)}";
            }
            else if (!tool.IsRemote && !network.IsLocal)
            {
                trouble = "it does not use the network";
            }
            else
            {
                try
                {
                    ReadyTool servers = await tool.StartAsync(stage, _landing.Of(tool.Name), cancellationToken);
                    for (int copy = 0; copy < tool.WarmUps && trouble.Length == 0; copy++)
                    {
                        CopyResult result = await CopyAsync(meter, tool, servers, 0, cancellationToken);
                        trouble = result.Outcome == Outcome.Ok ? "" : $"the warm-up failed ({result.Outcome}): {result.Reason}";
                    }

                    if (trouble.Length == 0)
                    {
                        ready.Add((tool, servers));
                        say($"{tool.Name}: ready");
                    }
                }
                catch (BenchmarkException error)
                {
                    trouble = error.Message;
                }
            }

            if (trouble.Length > 0)
            {
                say($"{tool.Name}: not run: {trouble}");
                results.Add(new CopyResult { Tool = tool.Name, Round = 0, Outcome = Outcome.Skipped, Reason = trouble });
            }
        }

        return ready;
    }

    private async Task<CopyResult> CopyAsync(Meter meter, Tool tool, ReadyTool servers, int round, CancellationToken cancellationToken)
    {
        string destination = Directory.CreateDirectory(Path.Combine(_landing.Of(tool.Name), string.Create(CultureInfo.InvariantCulture, $"copy-{++_copies}"))).FullName;
        try
        {
            return await meter.RunAsync(tool, servers, destination, round, cancellationToken);
        }
        catch (Exception error) when (error is BenchmarkException or IOException or UnauthorizedAccessException)
        {
            return new CopyResult { Tool = tool.Name, Round = round, Outcome = Outcome.Failed, Reason = error.Message };
        }
        finally
        {
            _landing.Clear(destination);
        }
    }
}
