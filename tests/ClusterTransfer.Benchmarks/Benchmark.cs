namespace ClusterTransfer.Benchmarks;

/// <summary>One thing to measure.</summary>
/// <param name="Name">As in the table.</param>
/// <param name="Unit">What one operation is, for the rate: <c>messages/s</c>. For a memory benchmark: <c>bytes</c>.</param>
/// <param name="Bar">The least acceptable rate, or for bytes the most; null for none.</param>
/// <param name="Run">One run; its measurement.</param>
internal sealed record Benchmark(string Name, string Unit, double? Bar, Func<Measurement> Run)
{
    public bool IsMemory => Unit == "bytes";

    public bool Meets(double value) => Bar is not { } bar || (IsMemory ? value <= bar : value >= bar);
}

/// <summary>What one run found.</summary>
/// <param name="Value">Operations per second, or bytes.</param>
/// <param name="BytesPerOperation">Allocated by the whole process for each operation; NaN where it says nothing.</param>
internal readonly record struct Measurement(double Value, double BytesPerOperation);
