using System.Globalization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ClusterTransfer.Node.Api;

/// <summary>Reads the query of a list of transfers and says which parameter is wrong.</summary>
internal static class ListQuery
{
    private const int MaxCursorLength = 200;
    private static readonly string[] TimeFormats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <exception cref="ClusterTransferException">A parameter has a value that it cannot have.</exception>
    public static TransferListQuery Read(IQueryCollection query)
    {
        var read = new TransferListQuery
        {
            States = States(query["state"]),
            Location = Named<LocationName>(query, "location", "2 to 63 of a-z, 0-9 and '-'"),
            Node = Named<NodeId>(query, "node", "1 to 63 of a-z, 0-9 and '-'"),
            CreatedAfter = Time(query, "createdAfter"),
            CreatedBefore = Time(query, "createdBefore"),
            Sort = Sort(query),
            Cursor = ReadCursor(query, MaxCursorLength),
            Limit = Limit(query),
        };
        return read.CreatedAfter >= read.CreatedBefore
            ? throw TransferHandlers.Invalid("createdAfter is not before createdBefore, so no transfer can be between them.")
            : read;
    }

    private static TransferState[] States(StringValues values)
    {
        if (values.Count == 0)
        {
            return [];
        }

        return [.. values
            .SelectMany(value => (value ?? string.Empty).Split(','))
            .Select(text => EnumText.TryParse(text, out TransferState state)
                ? state
                : throw TransferHandlers.Invalid($"state is '{TransferHandlers.Shown(text)}'; want one of {EnumText.Names<TransferState>()}, or several with commas between."))
            .Distinct()];
    }

    private static T? Named<T>(IQueryCollection query, string name, string form)
        where T : struct, IParsable<T> =>
        !query.TryGetValue(name, out StringValues text) ? null
            : T.TryParse(text.ToString(), null, out T value) ? value
            : throw TransferHandlers.Invalid($"{name} is '{TransferHandlers.Shown(text)}'; want {form}.");

    private static DateTimeOffset? Time(IQueryCollection query, string name) =>
        !query.TryGetValue(name, out StringValues text) ? null
            : DateTimeOffset.TryParseExact(text.ToString(), TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset time) && HasZone(text.ToString()) ? time
            : throw TransferHandlers.Invalid(
                $"{name} is '{TransferHandlers.Shown(text)}'; want a time with its zone, for example 2026-03-14T09:26:53Z (in an address '+' is written %2B).");

    // A time without a zone would mean that of the node, which a client cannot know.
    private static bool HasZone(string text) => text[^1] == 'Z' || text[^3] == ':' && text[^6] is '+' or '-';

    private static TransferSort Sort(IQueryCollection query) =>
        !query.TryGetValue("sort", out StringValues text) ? TransferSort.NewestFirst
            : TransferSorts.TryParse(text, out TransferSort sort) ? sort
            : throw TransferHandlers.Invalid($"sort is '{TransferHandlers.Shown(text)}'; want one of {string.Join(", ", TransferSorts.All)}.");

    /// <summary>Where the page before ended; null for the first page.</summary>
    /// <exception cref="ClusterTransferException">It is too long to be one.</exception>
    public static string? ReadCursor(IQueryCollection query, int maxLength) =>
        !query.TryGetValue("cursor", out StringValues text) || text.ToString().Length == 0 ? null
            : text.ToString().Length <= maxLength ? text.ToString()
            : throw TransferHandlers.Invalid($"cursor is longer than {maxLength} characters; give nextCursor of the page before.");

    private static int Limit(IQueryCollection query) =>
        !query.TryGetValue("limit", out StringValues text) ? TransferListQuery.DefaultLimit
            : int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int limit) && limit is >= 1 and <= TransferListQuery.MaxLimit ? limit
            : throw TransferHandlers.Invalid($"limit is '{TransferHandlers.Shown(text)}'; want 1 to {TransferListQuery.MaxLimit}.");
}
