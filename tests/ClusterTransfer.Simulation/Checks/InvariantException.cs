namespace ClusterTransfer.Simulation.Checks;

/// <summary>Something that must hold did not.</summary>
internal sealed class InvariantException(string invariant, string what) : Exception($"{invariant}: {what}");
