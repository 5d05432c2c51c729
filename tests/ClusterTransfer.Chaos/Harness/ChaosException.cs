namespace ClusterTransfer.Chaos.Harness;

/// <summary>A scenario went another way than it should; the message carries what its processes said.</summary>
public sealed class ChaosException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether that has been added already.</summary>
    public bool IsReported { get; init; }
}
