using System.Text.Json.Serialization;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Model.Api;

/// <summary>Body of <c>POST /api/v1/transfers/{id}/retry</c>: what to take up again. Without a body, or with neither field, all that was not delivered.</summary>
public sealed record RetryTransfer : IJsonOnDeserialized
{
    /// <summary>Most files that can be named, directly or by their chunks.</summary>
    public const int MaxFiles = 200;

    /// <summary>Only these files, as the transfer's issues name them; empty for all files that were skipped or given up.</summary>
    public IReadOnlyList<string>? Files { get; init; }

    /// <summary>Only the files of these chunks that were given up, by index; empty for all chunks that were.</summary>
    public IReadOnlyList<long>? Chunks { get; init; }

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Files, nameof(Files));
}
