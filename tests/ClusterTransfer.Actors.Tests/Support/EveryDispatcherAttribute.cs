using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace ClusterTransfer.Actors.Tests;

/// <summary>
/// Runs a theory once on the thread pool (0) and once for each of some seeds of the simulated dispatcher: four, or as many as
/// <c>CLUSTERTRANSFER_TEST_SEEDS</c> says.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EveryDispatcherAttribute : DataAttribute
{
    /// <summary>Name of the environment variable with the number of seeds.</summary>
    public const string Variable = "CLUSTERTRANSFER_TEST_SEEDS";

    private const int Few = 4;

    private static readonly int[] Seeds = [.. Enumerable.Range(0, Count() + 1)];

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Seeds.Select(seed => new TheoryDataRow(seed))]);

    public override bool SupportsDiscoveryEnumeration() => true;

    private static int Count() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text
        ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
        : Few;
}
