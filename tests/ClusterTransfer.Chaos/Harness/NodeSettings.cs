using System.Globalization;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>The configuration file of a node on loopback, whose certificate lies beside it and whose authority is in <c>../pki</c>.</summary>
internal sealed record NodeSettings
{
    public required string Name { get; init; }

    /// <summary>The node that coordinates listens here; all others dial it.</summary>
    public required int HubPort { get; init; }

    public required bool IsHub { get; init; }

    public required int ApiPort { get; init; }

    public required int DataPort { get; init; }

    /// <summary>Where others are told to dial for data; null for <see cref="DataPort"/> itself.</summary>
    public string? Advertise { get; init; }

    /// <summary>Contents of the section <c>locations</c>.</summary>
    public string Locations { get; init; } = "";

    public required int CheckpointBytes { get; init; }

    public required int WindowBytes { get; init; }

    /// <summary>More lines, in the section <c>cluster-transfer</c>.</summary>
    public string More { get; init; } = "";

    public static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    public string Render() => string.Create(CultureInfo.InvariantCulture, $$"""
        cluster-transfer {
          node { name = {{Name}}, state-folder = state }
          hub { {{(IsHub ? "enabled = true, listen" : "address")}} = "127.0.0.1:{{HubPort}}" }
          api { listen = "127.0.0.1:{{ApiPort}}" }
          data { listen = "127.0.0.1:{{DataPort}}"{{(Advertise is null ? "" : $", advertise = [\"{Advertise}\"]")}} }
          tls { authority = ../pki/ca.crt, certificate = {{Name}}.crt, key = {{Name}}.key }
          locations { {{Locations}} }
          transfers { progress-interval = 100ms, checkpoint-bytes = {{CheckpointBytes}} }
          data-plane { session-window = {{WindowBytes}} }
          {{More}}
        }
        """);
}
