using System.Text.Json.Serialization;

namespace ClusterTransfer.Model.Control;

/// <summary>A node as membership sees it.</summary>
/// <param name="Node">Its name, as in its certificate.</param>
/// <param name="Incarnation">The run of its process.</param>
public sealed record Member(NodeId Node, Incarnation Incarnation) : IJsonOnDeserialized
{
    /// <summary>Whether it is the hub.</summary>
    public bool IsHub { get; init; }

    /// <summary>Its software version.</summary>
    public string Version { get; init => field = value ?? string.Empty; } = string.Empty;

    /// <summary>Where it accepts data connections, as host:port.</summary>
    public IReadOnlyList<string> DataAddresses { get; init => field = value ?? []; } = [];

    /// <summary>The folders it serves.</summary>
    public IReadOnlyList<MemberLocation> Locations { get; init => field = value ?? []; } = [];

    /// <summary>What it can do beyond what every node can: names of <see cref="MemberAbilities"/>. Those of a newer node may be unknown here.</summary>
    public IReadOnlyList<string> Abilities { get; init => field = value ?? []; } = [];

    void IJsonOnDeserialized.OnDeserialized()
    {
        WholeList.Require(Abilities, nameof(Abilities));
        WholeList.Require(DataAddresses, nameof(DataAddresses));
        WholeList.Require(Locations, nameof(Locations));
    }
}

/// <summary>A location as its node announces it.</summary>
public sealed record MemberLocation(LocationName Name, bool ReadOnly)
{
    /// <summary>Why it cannot be used now; null when it can.</summary>
    public Problem? Problem { get; init; }
}
