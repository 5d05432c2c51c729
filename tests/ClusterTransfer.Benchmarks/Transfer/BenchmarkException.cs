namespace ClusterTransfer.Benchmarks.Transfer;

/// <summary>Something that keeps one tool, or the whole benchmark, from running; the message is for the person who started it.</summary>
internal sealed class BenchmarkException(string message) : Exception(message);
