using System.Text.Json.Serialization;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Model.Stages;

/// <summary>What holds a running transfer up most.</summary>
/// <param name="Limiter">The stage that does.</param>
/// <param name="Share">How much of the waiting and working of its chunks that is, above 0 to 1, over the last seconds.</param>
/// <param name="Since">Since when it is that one.</param>
/// <param name="Stages">All that have a share, the largest first; together 1.</param>
public sealed record BottleneckResource(Stage Limiter, double Share, DateTimeOffset Since, IReadOnlyList<StageShare> Stages) : IJsonOnDeserialized
{
    /// <summary>All that have a share, the largest first; together 1.</summary>
    public IReadOnlyList<StageShare> Stages { get; init => field = value ?? []; } = Stages;

    void IJsonOnDeserialized.OnDeserialized() => WholeList.Require(Stages, nameof(Stages));
}

/// <summary>One stage's share.</summary>
/// <param name="Stage">Which.</param>
/// <param name="Share">Above 0 to 1.</param>
public sealed record StageShare(Stage Stage, double Share);
