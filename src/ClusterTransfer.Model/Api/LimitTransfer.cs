using System.Text.Json.Serialization;

namespace ClusterTransfer.Model.Api;

/// <summary>Body of <c>POST /api/v1/transfers/{id}/limit</c>: how fast a transfer may send from now on.</summary>
public sealed record LimitTransfer
{
    /// <summary>Most bytes per second, 65536 to 1099511627776; null for no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]   // null is said: a body that forgot its limit must not take one away
    public required long? Limit { get; init; }
}
