using ClusterTransfer.Model;

namespace ClusterTransfer.Client;

/// <summary>Whether a node can do its work now.</summary>
/// <param name="Problem">Why it cannot; null when it can.</param>
/// <param name="Clock">What its clock said when it answered, in whole seconds; null when it did not say.</param>
public sealed record NodeReadiness(Problem? Problem, DateTimeOffset? Clock);
