using System.Globalization;
using ClusterTransfer.Hocon;
using ClusterTransfer.Model;

namespace ClusterTransfer.Node.Configuration;

/// <summary>How limits are read and shown. There is no number that means "unlimited"; that is the word, and only the word.</summary>
internal static class RateKinds
{
    /// <summary>The word for no limit.</summary>
    public const string Unlimited = "unlimited";

    /// <summary>What is wanted, in words that follow "want".</summary>
    public const string Wanted = "64KiB to 1TiB a second, or unlimited, which is the word for no limit";

    /// <summary>The same of a map.</summary>
    public const string WantedOfPeers = "names of other nodes, each with " + Wanted;

    private const string Unit = "bytes per second, such as 20M or 20MiB (binary) or 20MB (decimal); a plain number is bytes per second";

    public static readonly ValueKind<long?> Rate = new(value => ReadRate(HoconConvert.ToText(value, string.Empty)), Show, Unit);

    public static readonly ValueKind<IReadOnlyDictionary<NodeId, long>> PeerRates = new(
        ReadPeers,
        peers => peers.Count == 0 ? "{}" : $"{{ {string.Join(", ", peers.OrderBy(peer => peer.Key.Value, StringComparer.Ordinal).Select(peer => $"{peer.Key} = {Show(peer.Value)}"))} }}",
        "a map of node names; in a flag or variable beta=20M, separated by commas");

    /// <summary>The fields of such a map that cannot be read; the map itself when it is none.</summary>
    public static IEnumerable<(string Name, HoconValue Value)> Culprits(HoconValue value) => value is HoconObject map
        ? map.Fields.Where(field => !IsRate(field.Key, field.Value)).Select(field => (field.Key, field.Value))
        : [];

    private static long? ReadRate(string text) => text == Unlimited ? null
        : RateLimit.TryParse(text, out long? rate) && rate is not null ? rate
        : throw new FormatException(text);

    private static string Show(long? rate) => rate is { } limit ? ValueKinds.Size.Show(limit) : Unlimited;

    private static Dictionary<NodeId, long> ReadPeers(HoconValue value)
    {
        Dictionary<NodeId, long> peers = [];
        foreach ((string name, string rate) in Pairs(value))
        {
            if (ReadRate(rate) is { } limit)
            {
                peers[NodeId.Parse(name, CultureInfo.InvariantCulture)] = limit;
            }
            else
            {
                peers.Remove(NodeId.Parse(name, CultureInfo.InvariantCulture));   // said so on purpose, perhaps over an included file
            }
        }

        return peers;
    }

    private static IEnumerable<(string Name, string Rate)> Pairs(HoconValue value)
    {
        if (value is HoconObject map)
        {
            return map.Fields.Select(field => (field.Key, HoconConvert.ToText(field.Value, string.Empty)));
        }

        // The environment and the command line know no maps.
        if (value is HoconScalar { IsNull: false } scalar && value.Origin.Line == 0)
        {
            return scalar.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2, StringSplitOptions.TrimEntries))
                .Select(pair => pair.Length == 2 ? (pair[0], pair[1]) : throw new FormatException(scalar.Text));
        }

        throw new FormatException(value.ToString());
    }

    private static bool IsRate(string name, HoconValue value)
    {
        try
        {
            _ = ReadRate(HoconConvert.ToText(value, string.Empty));
            return NodeId.TryParse(name, null, out _);
        }
        catch (Exception error) when (error is HoconException or FormatException)
        {
            return false;
        }
    }
}
