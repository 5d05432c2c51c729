using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>What a user asks for: one file or folder, into a folder of another location.</summary>
/// <param name="Source">The file or folder to copy; the location itself when its path is empty.</param>
/// <param name="Destination">The folder it goes into; created if missing.</param>
public sealed record TransferRequest(TransferAddress Source, TransferAddress Destination)
{
    // Without it the serializer would set what a text leaves out to zero instead of its default.
    [JsonConstructor]
    internal TransferRequest(
        TransferAddress source,
        TransferAddress destination,
        ConflictPolicy conflict = ConflictPolicy.Fail,
        DurabilityLevel durability = DurabilityLevel.Flushed,
        ConnectionPolicy connectionPolicy = ConnectionPolicy.Flexible)
        : this(source, destination)
    {
        Conflict = conflict;
        Durability = durability;
        ConnectionPolicy = connectionPolicy;
    }

    /// <summary>Name of the result in the destination folder; null keeps the source's name (its location's name for a whole location).</summary>
    public string? ResultName { get; init; }

    /// <summary>What happens when a name is taken.</summary>
    public ConflictPolicy Conflict { get; init; } = ConflictPolicy.Fail;

    /// <summary>When a file counts as delivered.</summary>
    public DurabilityLevel Durability { get; init; } = DurabilityLevel.Flushed;

    /// <summary>Data connections wanted, 1 to 16; null leaves it to the nodes' configuration.</summary>
    public int? Connections { get; init; }

    /// <summary>What happens when not all of them can be had.</summary>
    public ConnectionPolicy ConnectionPolicy { get; init; } = ConnectionPolicy.Flexible;

    /// <summary>Most bytes per second that its source sends, as wanted when it was submitted; null for no limit. It may have been changed since, see <see cref="Control.OpenSession.Limit"/>.</summary>
    public long? Limit { get; init; }

    /// <summary>Its part of a limit that it shares with others, see <see cref="TransferWeight"/>; null for the default.</summary>
    public int? Weight { get; init; }

    /// <summary>How it copes with what goes wrong; set by the coordinator that accepts it. Null, as in requests of before there were policies: the defaults.</summary>
    public TransferPolicies? Policies { get; init; }
}
