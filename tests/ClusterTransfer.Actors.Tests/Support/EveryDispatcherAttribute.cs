using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace ClusterTransfer.Actors.Tests;

/// <summary>Runs a theory once on the thread pool (0) and once for each of some seeds of the simulated dispatcher.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EveryDispatcherAttribute : DataAttribute
{
    private static readonly int[] Seeds = [0, 1, 2, 3, 4];

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Seeds.Select(seed => new TheoryDataRow(seed))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
