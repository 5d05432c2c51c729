using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Storage.Incoming;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Outgoing;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Where a node keeps something of transfers: its folder of outgoing ones, and the private folder of each location it writes to.</summary>
internal static class KeptPlaces
{
    /// <summary>The place of what a source keeps.</summary>
    public const string Outgoing = KeptResource.Outgoing;

    private const int MaxNameShown = 100;

    /// <summary>The place of what a destination keeps.</summary>
    public static string Of(Location location) => $"{location.Name}:";

    /// <summary>The locations that can hold something.</summary>
    public static IEnumerable<Location> Writable(LocationSet locations) =>
        locations.All.Where(location => location.Problem is null && !location.Options.ReadOnly).Select(location => locations.Get(location.Options.Name));

    /// <summary>All that lies there, the oldest first; what it is of is for the hub to say.</summary>
    /// <exception cref="ClusterTransferException">A disk refused.</exception>
    public static IReadOnlyList<KeptResource> List(NodeId node, LocationSet locations, string outgoingFolder)
    {
        IEnumerable<KeptResource> kept = OutgoingTransfer.KeptIn(outgoingFolder).Select(folder => Resource(Outgoing, folder));
        foreach (Location location in Writable(locations))
        {
            kept = kept.Concat(IncomingTransfer.KeptIn(location).Select(folder => Resource(Of(location), folder)));
        }

        return [.. kept.OrderBy(folder => folder.LastWrittenAt).Take(KeptResource.MaxListed)];

        KeptResource Resource(string place, KeptFolder folder) => new()
        {
            Node = node,
            Place = place,
            Name = Shown(folder.Name),
            Transfer = folder.Transfer,
            Bytes = folder.Bytes,
            LastWrittenAt = folder.LastWritten,
            Why = folder.Transfer is null ? KeptReason.Foreign : KeptReason.Unknown,
        };
    }

    // Names that others gave can be long, and a list of them must fit a message. Never half of a surrogate pair.
    private static string Shown(string name) =>
        name.Length <= MaxNameShown ? name : string.Concat(name.AsSpan(0, MaxNameShown - (char.IsHighSurrogate(name[MaxNameShown - 2]) ? 2 : 1)), "\u2026");
}
