namespace ClusterTransfer.TestKit;

/// <summary>An expectation about actors was not met.</summary>
public sealed class ActorTestException(string message) : Exception(message);
