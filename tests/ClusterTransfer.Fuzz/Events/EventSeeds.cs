using System.Text;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Coordination;

namespace ClusterTransfer.Fuzz.Events;

/// <summary>What a coordinator journals, one of each, and rows that are damaged.</summary>
internal static class EventSeeds
{
    /// <summary>The closed list of types, as the engine has it.</summary>
    public static JournalTypes Types() => TransferEvents.Register(new JournalTypes());

    public static IReadOnlyList<object> Good()
    {
        var at = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        var problem = new Problem(Reason.SessionLost, "it \"broke\" \u0001 ä");
        var progress = new TransferProgress { EntriesFound = 3, BytesSent = long.MaxValue, CurrentPath = "a/b" };
        FileIssue[] issues = [new("a/b", FileState.Parked, problem) { Chunk = new ParkedChunk(1, 2, 3, "x", "y", 4, "beta", at) }];
        return
        [
            new TransferEvents.Submitted(new TransferId("0123456789abcdef"), new TransferRequest(Address("data:a"), Address("other:")) { Connections = 3 }, "a", at),
            new TransferEvents.SessionGiven(new Epoch(1, 2), new SessionId(7), [1, 2, 3], new NodeId("alpha"), default, new NodeId("beta"), default, ["beta:7402"], at),
            new TransferEvents.Started(at),
            new TransferEvents.SessionBroken(new Epoch(1, 2), problem, 5, 6, at, new Epoch(1, 9)),
            new TransferEvents.CancelRequested(at),
            new TransferEvents.PauseRequested(at),
            new TransferEvents.SessionParked(new Epoch(1, 2), 5, 6, at),
            new TransferEvents.LimitChanged(20_000_000, at),
            new TransferEvents.LimitChanged(null, at),
            new TransferEvents.ResumeRequested(at),
            new TransferEvents.FilesParked(issues, at),
            new TransferEvents.DestinationDone(new Epoch(1, 2), progress, issues, at),
            new TransferEvents.Ended(TransferState.Partial, problem, progress, issues, at, true),
            new TransferEvents.RetryRequested(true, at),
            new TransferEvents.RetryRequested(false, at, ["a/b", "a/c"]),
            new TransferEvents.QueuePaused(at),
            new TransferEvents.QueueResumed(at),
            new TransferEvents.Ended(TransferState.Completed, null, progress, [], at),
            new TransferEvents.SessionBroken(new Epoch(1, 2), problem, 5, 6, at),
        ];
    }

    public static IEnumerable<Seed> All(JournalTypes types)
    {
        foreach (object one in Good())
        {
            StoredPayload stored = types.Encode(one);
            yield return new Seed(stored.Name, Encoding.UTF8.GetBytes($"{stored.Name} {stored.Version}\n{stored.Json}"));
        }

        foreach (string text in (string[])["", "transfer-started 1", "transfer-started 1\nnull", "2026-11-20T12:00:00.0000000Z 1\n{}", "0001-01-01T00:00:00.0000000Z 1\n{}", "transfer-started 1\n[]", "transfer-started 1\n{}", "transfer-started 2\n{}", "none-of-ours 1\n{}",
            "transfer-started -1\n{}", "transfer-started 4294967296\n{}", "transfer-submitted 1\n{}", "transfer-ended 1\n{}", "destination-done 1\n{}", "session-given 1\n{}", "session-broken 1\n{}",
            "transfer-submitted 1\n{\"id\":\"0123456789abcdef\",\"request\":null,\"resultName\":null,\"at\":\"2026-11-20T12:00:00+00:00\"}",
            "transfer-ended 1\n{\"state\":\"Failed, Partial\",\"progress\":{},\"issues\":[],\"at\":\"2026-11-20T12:00:00+00:00\"}",
            "transfer-ended 1\n{\"state\":\"Failed\",\"progress\":null,\"issues\":null,\"at\":\"2026-11-20T12:00:00+00:00\"}",
            "transfer-ended 1\n{\"state\":\"Failed\",\"progress\":{},\"issues\":[null],\"at\":\"2026-11-20T12:00:00+00:00\"}",
            "retry-requested 1\n{\"rescan\":true,\"at\":\"2026-11-20T12:00:00+00:00\",\"files\":[null]}",
            "session-broken 1\n{\"epoch\":{\"coordinator\":-1},\"problem\":{},\"bytesSent\":9223372036854775808}",
            $"transfer-started 1\n{string.Concat(Enumerable.Repeat("{\"at\":", 40))}", $"transfer-started 1\n{new string('[', 5000)}"])
        {
            yield return new Seed(text.Length > 40 ? text[..40] : text, Encoding.UTF8.GetBytes(text));
        }
    }

    private static TransferAddress Address(string text) =>
        TransferAddress.TryParse(text, out TransferAddress? address, out string? problem) ? address : throw new ArgumentException(problem);
}
