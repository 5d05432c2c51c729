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

    /// <summary>A page of what lies there, by place and name; what it is of is for the hub to say.</summary>
    /// <param name="node">This node.</param>
    /// <param name="locations">Its locations.</param>
    /// <param name="outgoingFolder">Where the lists of its sources lie.</param>
    /// <param name="cursor">Where the page before ended, as it said; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <exception cref="ClusterTransferException">A disk refused, or the cursor is none of this node.</exception>
    public static KeptPage List(NodeId node, LocationSet locations, string outgoingFolder, string? cursor, int limit)
    {
        (string fromPlace, byte[] after) = KeptCursor.Read(cursor);
        List<KeptResource> kept = [];
        foreach ((string place, Location? location) in Places(locations).Where(one => string.CompareOrdinal(one.Place, fromPlace) >= 0))
        {
            byte[] from = place == fromPlace ? after : [];
            if (kept.Count >= limit)
            {
                return new KeptPage { Items = kept, NextCursor = KeptCursor.Write(place, from) };
            }

            (IReadOnlyList<KeptFolder> found, byte[]? last) = location is null
                ? OutgoingTransfer.KeptIn(outgoingFolder, from, limit - kept.Count)
                : IncomingTransfer.KeptIn(location, from, limit - kept.Count);
            kept.AddRange(found.Select(folder => Resource(place, folder)));
            if (last is not null)
            {
                return new KeptPage { Items = kept, NextCursor = KeptCursor.Write(place, last) };
            }
        }

        return new KeptPage { Items = kept };

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

    /// <summary>Removes what is kept of a transfer in one place; nothing when there is nothing, and never what is not of ClusterTransfer.</summary>
    /// <returns>What it took, in bytes.</returns>
    /// <exception cref="ClusterTransferException">A disk refused, or there is no such place.</exception>
    public static long Remove(LocationSet locations, string outgoingFolder, TransferId id, string place)
    {
        if (place == Outgoing)
        {
            return Remove(OutgoingTransfer.KeptOf(outgoingFolder, id), () => OutgoingTransfer.Forget(Path.Combine(outgoingFolder, id.Value)));
        }

        Location location = Places(locations).FirstOrDefault(one => one.Place == place).Location
            ?? throw new ClusterTransferException(Reason.LocationUnknown, $"This node writes to no location '{PathText.Escape(place)}'.");
        return Remove(IncomingTransfer.KeptOf(location, id), () => IncomingTransfer.Forget(location, id));
    }

    private static long Remove(KeptFolder? kept, Action forget)
    {
        if (kept is null)
        {
            return 0;
        }

        if (kept.Transfer is null)
        {
            throw new ClusterTransferException(Reason.NotPermitted, $"'{kept.Name}' is not of ClusterTransfer; it is never touched.");
        }

        forget();
        return kept.Bytes;
    }

    // In the order of their names.
    private static IEnumerable<(string Place, Location? Location)> Places(LocationSet locations) =>
        Writable(locations).Select(location => (Place: Of(location), Location: (Location?)location)).Append((Outgoing, null)).OrderBy(one => one.Place, StringComparer.Ordinal);

    // Names that others gave can be long, and a list of them must fit a message. Never half of a surrogate pair.
    private static string Shown(string name) =>
        name.Length <= MaxNameShown ? name : string.Concat(name.AsSpan(0, MaxNameShown - (char.IsHighSurrogate(name[MaxNameShown - 2]) ? 2 : 1)), "\u2026");
}
