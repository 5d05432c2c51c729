using System.Text.Json.Serialization;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Model.Api;

/// <summary>A node as the API shows it.</summary>
public sealed record NodeResource : IJsonOnDeserialized
{
    /// <summary>Its name.</summary>
    public required NodeId Name { get; init; }

    /// <summary><c>up</c> or <c>unreachable</c>.</summary>
    public required string State { get; init; }

    /// <summary>What it does: <c>hub</c> keeps the transfers, <c>mover</c> serves locations.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Its software version.</summary>
    public string Version { get; init => field = value ?? string.Empty; } = string.Empty;

    /// <summary>Where it accepts data connections.</summary>
    public IReadOnlyList<string> DataAddresses { get; init => field = value ?? []; } = [];

    /// <summary>Names of the locations it serves.</summary>
    public IReadOnlyList<LocationName> Locations { get; init => field = value ?? []; } = [];

    /// <summary>The run of its process.</summary>
    public Incarnation Incarnation { get; init; }

    /// <summary>How fast it sends at most; null where that is not known: the hub does not answer, or the node was never connected to it or is older than such limits.</summary>
    public NodeLimitsResource? Limits { get; init; }

    void IJsonOnDeserialized.OnDeserialized()
    {
        WholeList.Require(Roles, nameof(Roles));
        WholeList.Require(DataAddresses, nameof(DataAddresses));
    }
}

/// <summary>A location as the API shows it.</summary>
public sealed record LocationResource
{
    /// <summary>Its name.</summary>
    public required LocationName Name { get; init; }

    /// <summary>The node that serves it.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Whether it can only be read.</summary>
    public required bool ReadOnly { get; init; }

    /// <summary>Its folder, shown only for locations of the node that answers, so that plain paths can be mapped.</summary>
    public string? Folder { get; init; }

    /// <summary>Why it cannot be used now; null when it can.</summary>
    public Problem? Problem { get; init; }
}

/// <summary>An actor as the API shows it.</summary>
public sealed record ActorResource : IJsonOnDeserialized
{
    /// <summary>Its path from the root guardian.</summary>
    public required string Path { get; init; }

    /// <summary>Its class.</summary>
    public required string Type { get; init; }

    /// <summary>The behaviour it is in, as an operator would say it.</summary>
    public required string State { get; init; }

    /// <summary>Messages that wait.</summary>
    public required int MailboxDepth { get; init; }

    /// <summary>How often its parent restarted it.</summary>
    public required int Restarts { get; init; }

    /// <summary>The last failure, if any.</summary>
    public string? LastFailure { get; init; }

    /// <summary>Its children.</summary>
    public IReadOnlyList<ActorResource> Children { get; init => field = value ?? []; } = [];

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Children, nameof(Children));
}

/// <summary>A list with room for later additions.</summary>
/// <param name="Items">All there are.</param>
public sealed record ResourceList<T>(IReadOnlyList<T> Items) : IJsonOnDeserialized
{
    /// <summary>Version of this shape; changes only add.</summary>
    public int SchemaVersion { get; init => field = Math.Max(1, value); } = 1;

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Items, nameof(Items));
}

/// <summary>An error answer after RFC 9457; <see cref="Code"/> and <see cref="ExitCode"/> are our extensions.</summary>
public sealed record ProblemResource
{
    /// <summary>URI reference of the kind of problem: <c>/problems/CODE</c>.</summary>
    public required string Type { get; init; }

    /// <summary>One sentence on the kind of problem.</summary>
    public required string Title { get; init; }

    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>One sentence on this problem, naming the input.</summary>
    public required string Detail { get; init; }

    /// <summary>Stable kebab-case code.</summary>
    public required string Code { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Remedy { get; init; }

    /// <summary>Exit code of <c>ct</c> for it.</summary>
    public required int ExitCode { get; init; }
}

/// <summary>A kind of problem that the API answers with, as its catalogue lists it.</summary>
/// <param name="Code">Stable kebab-case code.</param>
/// <param name="Title">One sentence on it.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="ExitCode">Exit code of <c>ct</c> for it.</param>
/// <param name="Transient">Whether repeating later may help.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record ProblemKindResource(string Code, string Title, int Status, int ExitCode, bool Transient, string Remedy);

/// <summary>What the node that answers is.</summary>
/// <param name="Version">Its software version.</param>
/// <param name="Node">Its name.</param>
/// <param name="ApiVersion">Version of the API: the number in its path.</param>
public sealed record VersionResource(string Version, NodeId Node, int ApiVersion);
