using System.Text.Json.Serialization;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Model.Api;

/// <summary>The chunks of one transfer: how many are where, and those that could not be moved.</summary>
public sealed record ChunksResource : IJsonOnDeserialized
{
    /// <summary>Version of this shape; changes only add.</summary>
    public int SchemaVersion { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>The transfer.</summary>
    public required TransferId Transfer { get; init; }

    /// <summary>Chunks that the files found so far are moved in.</summary>
    public required long Found { get; init; }

    /// <summary>Chunks on the destination's disk, or not wanted there.</summary>
    public required long Durable { get; init; }

    /// <summary>Chunks sent more than once.</summary>
    public required long Retried { get; init; }

    /// <summary>Chunks that were given up, with evidence; the first ones.</summary>
    public IReadOnlyList<FailedChunkResource> Failed { get; init => field = value ?? []; } = [];

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Failed, nameof(Failed));
}

/// <summary>A chunk that was given up.</summary>
/// <param name="Path">Path of its file in the transfer, escaped for showing.</param>
/// <param name="Problem">Why.</param>
/// <param name="Evidence">What was sent and what arrived.</param>
public sealed record FailedChunkResource(string Path, Problem Problem, ParkedChunk Evidence);
