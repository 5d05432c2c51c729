namespace ClusterTransfer.Benchmarks.Transfer.Networks;

/// <summary>What lies between the two ends.</summary>
internal interface INetwork : IAsyncDisposable
{
    /// <summary>Where the data are.</summary>
    Place Source { get; }

    /// <summary>Where they go.</summary>
    Place Destination { get; }

    /// <summary>In words, for the report.</summary>
    string Description { get; }

    /// <summary>Whether a tool that copies without a network can be compared.</summary>
    bool IsLocal { get; }
}
