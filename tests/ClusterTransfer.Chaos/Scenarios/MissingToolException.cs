namespace ClusterTransfer.Chaos.Scenarios;

/// <summary>This machine cannot play the fault; the text says what it lacks.</summary>
internal sealed class MissingToolException(string message) : Exception(message);
