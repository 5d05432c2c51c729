namespace ClusterTransfer.Benchmarks.RecordLayers;

/// <summary>One way to move bytes between two proven ends.</summary>
internal interface ILayer
{
    /// <summary>As in the table.</summary>
    string Name { get; }

    /// <summary>Opens connections; they are not measured.</summary>
    Task<ILayerRun> OpenAsync(Identities identities, int connections);
}

/// <summary>Open connections.</summary>
internal interface ILayerRun : IAsyncDisposable
{
    /// <summary>Moves so many bytes over all connections together, until the last one has arrived.</summary>
    Task MoveAsync(long bytes);
}
