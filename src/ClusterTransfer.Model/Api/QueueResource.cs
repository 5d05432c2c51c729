using System.Text.Json.Serialization;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Model.Api;

/// <summary>The queue of a cluster: whether it is paused, and the transfers that wait.</summary>
/// <remarks>Nothing limits how many transfers run at once: the order is that of creation, and nobody waits for his turn.</remarks>
public sealed record QueueResource : IJsonOnDeserialized
{
    /// <summary>Most of <see cref="Waiting"/> that are listed.</summary>
    public const int MaxListed = 200;

    /// <summary>Version of this shape; changes only add.</summary>
    public int SchemaVersion { get; init => field = Math.Max(1, value); } = 1;

    /// <summary>Whether all transfers hold.</summary>
    public required bool Paused { get; init; }

    /// <summary>When it was paused or resumed last; null when it never was.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Transfers that have not ended and do not wait.</summary>
    public required int RunningCount { get; init; }

    /// <summary>Transfers that wait.</summary>
    public required int WaitingCount { get; init; }

    /// <summary>Those that wait, oldest first; the first ones, at most 200.</summary>
    public IReadOnlyList<QueuedTransferResource> Waiting { get; init => field = value ?? []; } = [];

    /// <summary>Streams of the hub's journal that cannot be read, all of them.</summary>
    public int DamagedCount { get; init; }

    /// <summary>Those streams, the first ones, at most 200. What they are of stands until a person mends them; other transfers go on.</summary>
    public IReadOnlyList<DamagedStreamResource> Damaged { get; init => field = value ?? []; } = [];

    void IJsonOnDeserialized.OnDeserialized()
    {
        WholeList.Require(Waiting, nameof(Waiting));
        WholeList.Require(Damaged, nameof(Damaged));
    }
}

/// <summary>A stream of the hub's journal that cannot be read.</summary>
public sealed record DamagedStreamResource
{
    /// <summary>The transfer it is of; null for the queue's own: whether that is paused is not known then, and no transfer begins.</summary>
    public TransferId? Transfer { get; init; }

    /// <summary>Which row, and what is wrong with it.</summary>
    public required Problem Problem { get; init; }
}

/// <summary>A transfer that waits.</summary>
public sealed record QueuedTransferResource
{
    /// <summary>Its place among those that wait, from 1.</summary>
    public required int Position { get; init; }

    /// <summary>Its id.</summary>
    public required TransferId Id { get; init; }

    /// <summary>What is copied, as <c>location:path</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The folder it goes into, as <c>location:path</c>.</summary>
    public required string Destination { get; init; }

    /// <summary>Where it is on its way.</summary>
    public required TransferState State { get; init; }

    /// <summary>What the user wants of it.</summary>
    public required DesiredState Desired { get; init; }

    /// <summary>What it waits for; null when <see cref="Desired"/> says it, or when it is about to begin.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>Seconds to the next attempt, when one is waited for.</summary>
    public double? NextRetrySeconds { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
