using System.Text.Json.Serialization;

namespace ClusterTransfer.Model;

/// <summary>What happens when not all the data connections a transfer wants can be had.</summary>
[JsonConverter(typeof(EnumNameConverter<ConnectionPolicy>))]
public enum ConnectionPolicy
{
    /// <summary>Starts with what connects and adds the others when they come.</summary>
    Flexible,

    /// <summary>Sends nothing before all stand; fails when they do not within the limit, at the start or after a loss.</summary>
    Strict,
}
