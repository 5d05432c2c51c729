using ClusterTransfer.Benchmarks.Transfer.Data;

namespace ClusterTransfer.Benchmarks.Transfer.Results;

/// <summary>All that was measured on one data set.</summary>
/// <param name="Scenario">Which.</param>
/// <param name="Network">What was between the ends.</param>
/// <param name="Data">What was copied; null when it could not be made.</param>
/// <param name="Summaries">One for each tool, in the order of the command line.</param>
/// <param name="Trouble">Why nothing was measured; empty when it was.</param>
internal sealed record ScenarioResult(Scenario Scenario, string Network, DataSet? Data, IReadOnlyList<Summary> Summaries, string Trouble = "");
