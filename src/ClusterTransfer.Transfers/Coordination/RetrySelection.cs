using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Which files of an ended transfer are taken up again, from what the user named; or why none is.</summary>
/// <remarks>Only what is listed can be named: the list has what became of each file, and nothing is changed before it is known that all of it can be done.</remarks>
internal static class RetrySelection
{
    /// <summary>Whether a path is one of the files, or lies beneath one.</summary>
    public static bool Covers(IReadOnlyList<string> files, string path) =>
        files.Any(file => path.StartsWith(file, StringComparison.Ordinal) && (path.Length == file.Length || path[file.Length] == '/'));

    /// <summary>Whether the issues name every file that was not delivered; long lists are cut.</summary>
    public static bool ListsAll(TransferEvents.Ended ended) =>
        ended.Issues.Count < SessionEnded.MaxIssues && ended.Issues.Count(issue => issue.State == FileState.Parked) >= ended.Progress.FilesParked;

    /// <summary>The files; null for all that was not delivered.</summary>
    /// <param name="id">The transfer.</param>
    /// <param name="ended">How it ended.</param>
    /// <param name="hasAllOutcomes">Whether each of its files had an outcome then.</param>
    /// <param name="what">What the user named.</param>
    public static (IReadOnlyList<string>? Files, Problem? Refusal) Of(TransferId id, TransferEvents.Ended ended, bool hasAllOutcomes, RetryTransfer what)
    {
        if (what is { Files: null, Chunks: null } or { Files.Count: 0 })
        {
            return (null, null);
        }

        if (!hasAllOutcomes)
        {
            return (null, new Problem(Reason.WrongState, $"Transfer {id} {ended.State switch { TransferState.Partial => "is Partial", _ => "failed" }} before each of its files had an outcome; it can only be taken up as a whole: 'ct retry {id}'."));
        }

        var files = new List<string>();
        foreach (string named in what.Files ?? [])
        {
            string path = named.TrimEnd('/');
            if (path.Length == 0 || !ended.Issues.Any(issue => Covers([path], issue.Path)))
            {
                return (null, NoSuchFile(id, ended, named));
            }

            files.Add(path);
        }

        if (what.Chunks is { } chunks)
        {
            FileIssue[] givenUp = [.. ended.Issues.Where(issue => issue.Chunk is not null)];
            foreach (long index in chunks)
            {
                if (!givenUp.Any(issue => issue.Chunk!.Index == index))   // filtered so
                {
                    return (null, NoSuchChunk(id, ended, index));
                }
            }

            if (givenUp.Length == 0)
            {
                return (null, new Problem(Reason.WrongState, $"No chunk of transfer {id} was given up; 'ct get {id}' says what became of its files."));
            }

            files.AddRange(givenUp.Where(issue => chunks.Count == 0 || chunks.Contains(issue.Chunk!.Index)).Select(issue => issue.Path));
        }

        string[] distinct = [.. files.Distinct(StringComparer.Ordinal)];
        return distinct.Length > RetryTransfer.MaxFiles || JsonSerializer.SerializeToUtf8Bytes(distinct, RetryJson.Default.StringArray).Length > OpenSession.MaxFilesBytes
            ? (null, new Problem(Reason.LimitReached, $"The names of these {distinct.Length} files are more or longer than one retry takes: name fewer, a folder with all beneath it, or none to take up all."))
            : (distinct, null);
    }

    private static Problem NoSuchFile(TransferId id, TransferEvents.Ended ended, string named)
    {
        string shown = PathText.EscapeControls(named.Length > 200 ? named[..200] + "..." : named);
        return ListsAll(ended)
            ? new Problem(Reason.PathNotFound, $"'{shown}' is none of the {ended.Issues.Count} files that transfer {id} did not deliver: it was delivered, or is no part of it. 'ct get {id}' lists them.")
            : new Problem(Reason.PathNotFound, $"'{shown}' is none of the {ended.Issues.Count} files that are listed of those transfer {id} did not deliver; only these can be named. Take up all with 'ct retry {id}'.");
    }

    private static Problem NoSuchChunk(TransferId id, TransferEvents.Ended ended, long index) => index >= ended.Progress.ChunksFound
        ? new Problem(Reason.PathNotFound, $"Transfer {id} has no chunk {index}: it has {ended.Progress.ChunksFound}. 'ct chunks {id} --failed' lists those that were given up.")
        : new Problem(Reason.WrongState, $"Chunk {index} of transfer {id} was not given up: it is on disk, or its file has another outcome. 'ct chunks {id} --failed' lists those that were.");
}

/// <summary>JSON of the names, as a control message carries them.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class RetryJson : System.Text.Json.Serialization.JsonSerializerContext;
