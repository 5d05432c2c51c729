using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Journal;
using ClusterTransfer.Model;
using ClusterTransfer.TestKit;
using ClusterTransfer.Transfers.Coordination;
using Microsoft.Data.Sqlite;
using static ClusterTransfer.Transfers.Tests.Support.Samples;

namespace ClusterTransfer.Transfers.Tests.Coordination;

/// <summary>The rows of the transfer journal, written down: a type's name, version and shape never change, because old journals are read by new versions.</summary>
public sealed class TransferEventsTests
{
    private static readonly (object Event, string Name, int Version, string Json)[] Golden =
    [
        (Submitted(), "transfer-submitted", 1,
            """{"id":"0000000000000001","request":{"source":"src:tree","destination":"dst:in","conflict":"Fail","durability":"Flushed","connectionPolicy":"Flexible"},"resultName":"tree","at":"2030-01-02T12:00:00+00:00"}"""),
        (Submitted() with { Request = Request with { ResultName = "t", Conflict = ConflictPolicy.Skip, Durability = DurabilityLevel.Verified, Connections = 3, ConnectionPolicy = ConnectionPolicy.Strict } }, "transfer-submitted", 1,
            """{"id":"0000000000000001","request":{"source":"src:tree","destination":"dst:in","resultName":"t","conflict":"Skip","durability":"Verified","connections":3,"connectionPolicy":"Strict"},"resultName":"tree","at":"2030-01-02T12:00:00+00:00"}"""),
        (Given(2), "session-given", 1,
            """{"epoch":{"coordinator":1,"session":2},"sessionId":{"value":4662},"secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=","source":"a","sourceIncarnation":"00000001000000000000000000000000","destination":"b","destinationIncarnation":"00000001000000000000000000000000","dataAddresses":["b.example:7402"],"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.Started(Noon), "transfer-started", 1, """{"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.SessionBroken(new Epoch(1, 2), new Problem(Reason.SessionLost, "lost"), 100, 3, Noon), "session-broken", 1,
            """{"epoch":{"coordinator":1,"session":2},"problem":{"reason":"session-lost","detail":"lost"},"bytesSent":100,"chunksRetried":3,"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.SessionBroken(new Epoch(1, 2), new Problem(Reason.Superseded, "newer"), 0, 0, Noon, new Epoch(1, 7)), "session-broken", 1,
            """{"epoch":{"coordinator":1,"session":2},"problem":{"reason":"superseded","detail":"newer"},"bytesSent":0,"chunksRetried":0,"at":"2030-01-02T12:00:00+00:00","refused":{"coordinator":1,"session":7}}"""),
        (new TransferEvents.PauseRequested(Noon), "pause-requested", 1, """{"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.SessionParked(new Epoch(1, 2), 100, 3, Noon), "session-parked", 1,
            """{"epoch":{"coordinator":1,"session":2},"bytesSent":100,"chunksRetried":3,"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.ResumeRequested(Noon), "resume-requested", 1, """{"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.LimitChanged(65536, Noon), "limit-changed", 1, """{"limit":65536,"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.LimitChanged(null, Noon), "limit-changed", 1, """{"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.RetryRequested(true, Noon), "retry-requested", 1, """{"rescan":true,"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.RetryRequested(false, Noon, ["tree/a"]), "retry-requested", 1, """{"rescan":false,"at":"2030-01-02T12:00:00+00:00","files":["tree/a"]}"""),
        (new TransferEvents.QueuePaused(Noon), "queue-paused", 1, """{"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.QueueResumed(Noon), "queue-resumed", 1, """{"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.NodeLimitSet(A, Noon, B, 65536), "node-limit-set", 1, """{"node":"a","at":"2030-01-02T12:00:00+00:00","peer":"b","limit":65536}"""),
        (new TransferEvents.NodeLimitSet(A, Noon), "node-limit-set", 1, """{"node":"a","at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.NodeLimitSetBack(A, Noon, B), "node-limit-set-back", 1, """{"node":"a","at":"2030-01-02T12:00:00+00:00","peer":"b"}"""),
        (new TransferEvents.NodeLimitSetBack(A, Noon), "node-limit-set-back", 1, """{"node":"a","at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.CancelRequested(Noon), "cancel-requested", 1, """{"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.FilesParked([Parked()], Noon), "files-parked", 1,
            """{"issues":[{"path":"tree/a","state":"Parked","problem":{"reason":"chunk-corrupt","detail":"tree/a: ChunkCorrupt"},"chunk":{"index":5,"fileOffset":4096,"attempts":8,"expected":"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20","actual":"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20","connection":3,"peer":"b","lastAt":"2030-01-02T12:00:00+00:00"}}],"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.DestinationDone(new Epoch(1, 2), new TransferProgress { BytesDurable = 7, FilesPublished = 2 }, [Issue("tree/a", Reason.DestinationExists)], Noon), "destination-done", 1,
            """{"epoch":{"coordinator":1,"session":2},"progress":{"entriesFound":0,"filesFound":0,"bytesFound":0,"scanComplete":false,"bytesSent":0,"bytesReceived":0,"bytesDurable":7,"bytesVerified":0,"bytesPublished":0,"filesPublished":2,"filesSkipped":0,"filesParked":0,"chunksFound":0,"chunksDurable":0,"chunksRetried":0,"chunksLz4":0,"chunksZstandard":0,"bytesSaved":0,"connections":0},"issues":[{"path":"tree/a","state":"Skipped","problem":{"reason":"destination-exists","detail":"tree/a: DestinationExists"}}],"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.Ended(TransferState.Partial, new Problem(Reason.PartlyDelivered, "some"), new TransferProgress(), [Parked()], Noon), "transfer-ended", 1,
            """{"state":"Partial","problem":{"reason":"partly-delivered","detail":"some"},"progress":{"entriesFound":0,"filesFound":0,"bytesFound":0,"scanComplete":false,"bytesSent":0,"bytesReceived":0,"bytesDurable":0,"bytesVerified":0,"bytesPublished":0,"filesPublished":0,"filesSkipped":0,"filesParked":0,"chunksFound":0,"chunksDurable":0,"chunksRetried":0,"chunksLz4":0,"chunksZstandard":0,"bytesSaved":0,"connections":0},"issues":[{"path":"tree/a","state":"Parked","problem":{"reason":"chunk-corrupt","detail":"tree/a: ChunkCorrupt"},"chunk":{"index":5,"fileOffset":4096,"attempts":8,"expected":"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20","actual":"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20","connection":3,"peer":"b","lastAt":"2030-01-02T12:00:00+00:00"}}],"at":"2030-01-02T12:00:00+00:00"}"""),
    ];

    // As versions before wrote them: without the fields that were added since.
    private static readonly (object Event, string Name, int Version, string Json)[] Older =
    [
        (Submitted(), "transfer-submitted", 1,
            """{"id":"0000000000000001","request":{"source":"src:tree","destination":"dst:in","conflict":"Fail","durability":"Flushed"},"resultName":"tree","at":"2030-01-02T12:00:00+00:00"}"""),
        (Submitted() with { Request = Request with { ResultName = "t", Conflict = ConflictPolicy.Skip, Durability = DurabilityLevel.Verified, Connections = 3 } }, "transfer-submitted", 1,
            """{"id":"0000000000000001","request":{"source":"src:tree","destination":"dst:in","resultName":"t","conflict":"Skip","durability":"Verified","connections":3},"resultName":"tree","at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.DestinationDone(new Epoch(1, 2), new TransferProgress { BytesDurable = 7, FilesPublished = 2 }, [Issue("tree/a", Reason.DestinationExists)], Noon), "destination-done", 1,
            """{"epoch":{"coordinator":1,"session":2},"progress":{"entriesFound":0,"filesFound":0,"bytesFound":0,"scanComplete":false,"bytesSent":0,"bytesReceived":0,"bytesDurable":7,"bytesPublished":0,"filesPublished":2,"filesSkipped":0,"filesParked":0,"chunksRetried":0,"connections":0},"issues":[{"path":"tree/a","state":"Skipped","problem":{"reason":"destination-exists","detail":"tree/a: DestinationExists"}}],"at":"2030-01-02T12:00:00+00:00"}"""),
        (new TransferEvents.Ended(TransferState.Partial, new Problem(Reason.PartlyDelivered, "some"), new TransferProgress(), [Parked()], Noon), "transfer-ended", 1,
            """{"state":"Partial","problem":{"reason":"partly-delivered","detail":"some"},"progress":{"entriesFound":0,"filesFound":0,"bytesFound":0,"scanComplete":false,"bytesSent":0,"bytesReceived":0,"bytesDurable":0,"bytesPublished":0,"filesPublished":0,"filesSkipped":0,"filesParked":0,"chunksRetried":0,"connections":0},"issues":[{"path":"tree/a","state":"Parked","problem":{"reason":"chunk-corrupt","detail":"tree/a: ChunkCorrupt"},"chunk":{"index":5,"fileOffset":4096,"attempts":8,"expected":"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20","actual":"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20","connection":3,"peer":"b","lastAt":"2030-01-02T12:00:00+00:00"}}],"at":"2030-01-02T12:00:00+00:00"}"""),
    ];

    [Theory]
    [InlineData(nameof(TransferEvents.Submitted), "{}")]
    [InlineData(nameof(TransferEvents.Submitted), """{"id":"0000000000000001","request":null,"resultName":"t","at":"2030-01-02T12:00:00+00:00"}""")]
    [InlineData(nameof(TransferEvents.SessionGiven), "{}")]
    [InlineData(nameof(TransferEvents.SessionBroken), """{"epoch":{"coordinator":1,"session":2},"bytesSent":0,"chunksRetried":0,"at":"2030-01-02T12:00:00+00:00"}""")]
    [InlineData(nameof(TransferEvents.DestinationDone), """{"epoch":{"coordinator":1,"session":2},"progress":{},"issues":[null],"at":"2030-01-02T12:00:00+00:00"}""")]
    [InlineData(nameof(TransferEvents.Ended), """{"state":"Failed","progress":null,"issues":[],"at":"2030-01-02T12:00:00+00:00"}""")]
    [InlineData(nameof(TransferEvents.Ended), """{"state":"Failed","progress":{},"issues":[null],"at":"2030-01-02T12:00:00+00:00"}""")]
    public void Row_WithoutPartsThatAreAlwaysThere_IsRefused(string name, string json)   // Q6
    {
        JsonTypeInfo type = TransferEventsJson.Default.GetTypeInfo(typeof(TransferEvents).GetNestedType(name)!)!; // named by nameof
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, type));
    }

    [Fact]
    public void Row_OfATransferThatEndedWell_NeedsNoProblem()
    {
        var ended = new TransferEvents.Ended(TransferState.Completed, null, new TransferProgress(), [], Noon);
        string json = JsonSerializer.Serialize(ended, TransferEventsJson.Default.Ended);
        Assert.DoesNotContain("problem", json, StringComparison.Ordinal);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, TransferEventsJson.Default.Ended), TransferEventsJson.Default.Ended!));
    }

    [Fact]
    public async Task Append_EachEvent_WritesItsNameVersionAndShape()
    {
        using var folder = new TestFolder();
        await using (SqliteJournal journal = await OpenAsync(folder))
        {
            await journal.AppendAsync($"transfer-{Id}", 0, [.. Golden.Select(golden => golden.Event)], TestContext.Current.CancellationToken);
        }

        List<(string, int, string)> rows = [];
        using var connection = new SqliteConnection($"Data Source={folder["journal.db"]};Pooling=False");
        connection.Open();
        using SqliteCommand select = connection.CreateCommand();
        select.CommandText = "SELECT type, version, payload FROM events ORDER BY sequence";
        using SqliteDataReader reader = select.ExecuteReader();
        while (reader.Read())
        {
            rows.Add((reader.GetString(0), reader.GetInt32(1), reader.GetString(2)));
        }

        Assert.Equal(Golden.Length, rows.Count);
        for (int i = 0; i < rows.Count; i++)
        {
            Assert.Equal((Golden[i].Name, Golden[i].Version), (rows[i].Item1, rows[i].Item2));
            Assert.Equal(Golden[i].Json, rows[i].Item3);
        }
    }

    [Fact]
    public async Task Replay_RowsAsTheyWereOnceWritten_GivesTheEvents()
    {
        (object Event, string Name, int Version, string Json)[] rows = [.. Golden, .. Older];
        using var folder = new TestFolder();
        await using (await OpenAsync(folder))
        {
        }

        using (var connection = new SqliteConnection($"Data Source={folder["journal.db"]};Pooling=False"))
        {
            connection.Open();
            Execute(connection, "INSERT INTO streams (name, highest) VALUES ($stream, $count)", ("$stream", $"transfer-{Id}"), ("$count", rows.Length));
            for (int i = 0; i < rows.Length; i++)
            {
                Execute(
                    connection,
                    "INSERT INTO events (stream, sequence, type, version, payload, at) VALUES ($stream, $sequence, $type, $version, $payload, '2030-01-02T12:00:00.0000000Z')",
                    ("$stream", $"transfer-{Id}"), ("$sequence", i + 1), ("$type", rows[i].Name), ("$version", rows[i].Version), ("$payload", rows[i].Json));
            }
        }

        List<PersistedEvent> replayed = [];
        await using SqliteJournal journal = await OpenAsync(folder);
        await journal.ReplayAsync($"transfer-{Id}", 1, long.MaxValue, replayed.Add, TestContext.Current.CancellationToken);

        Assert.Equal(rows.Length, replayed.Count);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.Equivalent(rows[i].Event, replayed[i].Payload, strict: true);
        }
    }

    [Fact]
    public void Golden_EveryEventType_IsPinned() => Assert.Equal(
        typeof(TransferEvents).GetNestedTypes().Select(type => type.Name).Order(),
        Golden.Select(golden => golden.Event.GetType().Name).Distinct().Order());

    private static FileIssue Parked() => Issue("tree/a", Reason.ChunkCorrupt, FileState.Parked) with
    {
        Chunk = new ParkedChunk(5, 4096, 8, SomeDigest.ToString(), SomeDigest.ToString(), 3, "b", Noon),
    };

    private static Task<SqliteJournal> OpenAsync(TestFolder folder) => SqliteJournal.OpenAsync(
        folder["journal.db"], TransferEvents.Register(new JournalTypes()), TimeProvider.System, TestContext.Current.CancellationToken);

    private static void Execute(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
