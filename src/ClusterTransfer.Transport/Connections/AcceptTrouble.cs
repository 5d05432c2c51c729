namespace ClusterTransfer.Transport.Connections;

/// <summary>The system gives the listener no connections, or does again.</summary>
/// <param name="Error">What it says; of the last failure when it is over.</param>
/// <param name="Failures">Attempts that failed since this was told last.</param>
/// <param name="RetryIn">When it is tried again; null when it is over.</param>
public sealed record AcceptTrouble(string Error, long Failures, TimeSpan? RetryIn);
