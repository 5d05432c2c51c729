using System.Net;

namespace ClusterTransfer.Node.Configuration;

/// <summary>What must hold for options: each key in its range, and keys together.</summary>
internal static class NodeRules
{
    private const int MaxChunkSize = 16 * 1024 * 1024;

    /// <summary>All problems; empty when valid.</summary>
    public static IEnumerable<ConfigurationProblem> Check(NodeOptions options)
    {
        foreach (ConfigurationKey key in ConfigurationKeys.All)
        {
            if (!key.IsValid(options))
            {
                yield return new ConfigurationProblem(key.Path, $"want {key.Wanted}; got {key.Show(options)}");
            }
        }

        foreach (ConfigurationProblem problem in CheckTogether(options))
        {
            yield return problem;
        }
    }

    private static IEnumerable<ConfigurationProblem> CheckTogether(NodeOptions options)
    {
        if (!options.Hub.Enabled && options.Hub.Address is null)
        {
            yield return new("hub.address", "want host:port of the hub, because hub.enabled is false; got null", "hub.enabled");
        }

        if (options.Data.Advertise.Count == 0 && IsEveryAddress(options.Data.Listen))
        {
            yield return new("data.advertise", $"want at least one host:port at which others reach this node, because data.listen is {options.Data.Listen}; got []", "data.listen");
        }

        (string Key, IPEndPoint EndPoint)[] listeners = options.Hub.Enabled
            ? [("api.listen", options.Api.Listen), ("hub.listen", options.Hub.Listen), ("data.listen", options.Data.Listen)]
            : [("api.listen", options.Api.Listen), ("data.listen", options.Data.Listen)];
        for (int i = 1; i < listeners.Length; i++)
        {
            (string Key, IPEndPoint EndPoint) taken = Array.Find(listeners[..i], other => Collide(other.EndPoint, listeners[i].EndPoint));
            if (taken.Key is not null)
            {
                yield return new(listeners[i].Key, $"want a port of its own; got {listeners[i].EndPoint}, which {taken.Key} has ({taken.EndPoint})", taken.Key);
            }
        }

        DataPlaneOptions plane = options.DataPlane;
        if (plane.Connections > plane.MaxConnectionsPerPeer)
        {
            yield return new("data-plane.connections", $"want at most data-plane.max-connections-per-peer ({plane.MaxConnectionsPerPeer}); got {plane.Connections}", "data-plane.max-connections-per-peer");
        }

        if (plane.PeerLimits.ContainsKey(options.Name))
        {
            yield return new("data-plane.peer-limits", $"want names of other nodes; got '{options.Name}', which is this node's own", "node.name");
        }

        foreach ((string key, long bytes) in new[] { ("data-plane.session-window", plane.SessionWindowBytes), ("data-plane.buffer-pool", plane.BufferPoolBytes) })
        {
            // A chunk size out of its own range is reported there, and only there.
            if (plane.ChunkSizeBytes <= MaxChunkSize && bytes < 2L * plane.ChunkSizeBytes)
            {
                yield return new(key, $"want at least two chunks of data-plane.chunk-size ({ValueKinds.IntSize.Show(plane.ChunkSizeBytes)}); got {ValueKinds.Size.Show(bytes)}", "data-plane.chunk-size");
            }
        }

        if (options.Transfers.ChunkRetryMin > options.Transfers.ChunkRetryMax)
        {
            yield return Order("transfers.chunk-retry-min", options.Transfers.ChunkRetryMin, "transfers.chunk-retry-max", options.Transfers.ChunkRetryMax);
        }

        if (options.Transfers.SessionRetryMin > options.Transfers.SessionRetryMax)
        {
            yield return Order("transfers.session-retry-min", options.Transfers.SessionRetryMin, "transfers.session-retry-max", options.Transfers.SessionRetryMax);
        }

        if (options.Transfers.KeepFailed > options.Transfers.KeepEnded)
        {
            yield return Order("transfers.keep-failed", options.Transfers.KeepFailed, "transfers.keep-ended", options.Transfers.KeepEnded);
        }

        // Else the whole session is given up before the one connection that does not answer.
        TimeSpan unanswered = plane.AckTimeout * plane.AckRepeats;
        if (options.Transfers.ProgressTime <= unanswered)
        {
            yield return new(
                "transfers.progress-time",
                $"want more than data-plane.ack-timeout x data-plane.ack-repeats ({ValueKinds.Duration.Show(unanswered)}); got {ValueKinds.Duration.Show(options.Transfers.ProgressTime)}",
                "data-plane.ack-timeout");
        }

        if (options.Bus.ReconnectMin > options.Bus.ReconnectMax)
        {
            yield return Order("bus.reconnect-min", options.Bus.ReconnectMin, "bus.reconnect-max", options.Bus.ReconnectMax);
        }
    }

    private static ConfigurationProblem Order(string minKey, TimeSpan min, string maxKey, TimeSpan max) =>
        new(minKey, $"want at most {maxKey} ({ValueKinds.Duration.Show(max)}); got {ValueKinds.Duration.Show(min)}", maxKey);

    private static bool Collide(IPEndPoint one, IPEndPoint other) =>
        one.Port == other.Port && one.Port != 0 && (one.Address.Equals(other.Address) || IsEveryAddress(one) || IsEveryAddress(other));

    private static bool IsEveryAddress(IPEndPoint endPoint) => endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any);
}
