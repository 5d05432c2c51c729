using ClusterTransfer.Journal.Sqlite;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Tests;

/// <summary>How lists are read from the file, and that files of the version before are read the same way.</summary>
public sealed class TransferListTests : IAsyncDisposable
{
    private readonly SqliteFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<TransferSort, bool, bool> Lists
    {
        get
        {
            var lists = new TheoryData<TransferSort, bool, bool>();
            foreach (TransferSort sort in Enum.GetValues<TransferSort>())
            {
                lists.Add(sort, false, false);
                lists.Add(sort, true, false);
                lists.Add(sort, false, true);
                lists.Add(sort, true, true);
            }

            return lists;
        }
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task List_WhateverIsAsked_WalksAnIndexAndNeverSorts(TransferSort sort, bool filtered, bool continued)
    {
        await _fixture.OpenAsync();
        await _fixture.CloseAsync();
        var query = new TransferListQuery { Sort = sort };
        if (filtered)
        {
            query = query with
            {
                States = [TransferState.Active, TransferState.Queued], Location = new LocationName("src"), Node = new NodeId("alpha"),
                CreatedAfter = Samples.Noon, CreatedBefore = Samples.Noon.AddDays(1),
            };
        }

        var cursor = new ListCursor(sort, ListCursor.FiltersOf(query), StoredTime.From(Samples.Noon), "000000000000000a");
        string[] plan = Plan(new TransferListSql(new TransferList(query with { Cursor = continued ? cursor.Encode() : null }), [TransferId.New()]));

        Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("listed USING COVERING INDEX transfers_by_", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("SEARCH whole USING PRIMARY KEY", StringComparison.Ordinal));
        if (continued)
        {
            // From the cursor on, not from the beginning.
            Assert.Contains(plan, step => step.StartsWith("SEARCH listed", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Open_OfSchema2_FillsWhatListsNeed()
    {
        SystemSqlite.EnsureLoaded();
        Write(Schema2);
        Insert("000000000000000a", "Completed", 0, """{"id":"000000000000000a","source":"photos:2024","destination":"vault:in","resultName":"2024","state":"Completed","desired":"Run","sourceNode":"alpha","destinationNode":"beta","createdAt":"2030-01-02T12:00:00+00:00","endedAt":"2030-01-02T13:30:00.5+01:00"}""");
        Insert("000000000000000b", "Queued", 1, """{"id":"000000000000000b","source":"films:","destination":"vault:","resultName":"films","state":"Queued","desired":"Run","createdAt":"2030-01-02T12:00:01+00:00"}""");
        Insert("000000000000000c", "Queued", 2, "no json");
        for (int i = 0; i < 1500; i++)
        {
            Insert($"10000000000{i:00000}", "Cancelled", 3, """{"id":"1000000000000000","source":"films:x","destination":"attic:","resultName":"x","state":"Cancelled","desired":"Cancel","createdAt":"2030-01-02T12:00:03+00:00","endedAt":"2030-01-02T12:00:04+00:00"}""");
        }

        SqliteJournal journal = await _fixture.OpenAsync();

        Assert.Equal("a", await LastAsync(journal, new TransferListQuery { Location = new LocationName("photos") }));
        Assert.Equal("ba", await LastAsync(journal, new TransferListQuery { Location = new LocationName("vault") }));
        Assert.Equal("a", await LastAsync(journal, new TransferListQuery { Node = new NodeId("beta") }));
        Assert.Equal("ba", await LastAsync(journal, new TransferListQuery { Sort = TransferSort.LatestEndFirst, CreatedBefore = Samples.Noon.AddSeconds(2) }));
        Assert.Equal(1500L, Read("SELECT count(*) FROM transfers WHERE destination_location = 'attic' AND ended_at = '2030-01-02T12:00:04.0000000Z'"));
        Assert.Equal("2030-01-02T12:30:00.5000000Z", Read("SELECT ended_at FROM transfers WHERE id = '000000000000000a'"));
        Assert.Equal((long)Schema.Version, Read("PRAGMA user_version"));
        Assert.Equal("ok", Read("PRAGMA integrity_check"));
        Assert.Equal(new TransferId("000000000000000a"), await journal.ClaimKeyAsync("key", "hash", TransferId.New(), Cancellation));
        Assert.Equal("transfer-old", Read("SELECT name FROM streams"));
    }

    [Fact]
    public async Task Open_OfSchema2_WhenItIsCutShort_ConvertsAtTheNextStart()
    {
        SystemSqlite.EnsureLoaded();
        Write(Schema2);
        Insert("000000000000000a", "Queued", 0, """{"id":"000000000000000a","source":"photos:","destination":"vault:","resultName":"x","state":"Queued","desired":"Run","createdAt":"2030-01-02T12:00:00+00:00"}""");

        // A trigger stands for whatever ends the conversion in the middle.
        Write("CREATE TRIGGER ends BEFORE UPDATE ON transfers BEGIN SELECT raise(ABORT, 'cut short'); END");
        await Assert.ThrowsAsync<ClusterTransferException>(async () => await _fixture.OpenAsync());
        Assert.Equal(2L, Read("PRAGMA user_version"));
        Write("DROP TRIGGER ends");

        SqliteJournal journal = await _fixture.OpenAsync();

        Assert.Equal("a", await LastAsync(journal, new TransferListQuery { Location = new LocationName("photos") }));
    }

    // What version 0.1.0 wrote, as it wrote it.
    private const string Schema2 = """
        CREATE TABLE streams (name TEXT NOT NULL PRIMARY KEY, highest INTEGER NOT NULL, deleted INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE TABLE events (
            stream TEXT NOT NULL REFERENCES streams(name), sequence INTEGER NOT NULL CHECK (sequence > 0), type TEXT NOT NULL, version INTEGER NOT NULL,
            payload TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (stream, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE snapshots (
            stream TEXT NOT NULL, sequence INTEGER NOT NULL, at TEXT NOT NULL, type TEXT NOT NULL, version INTEGER NOT NULL, payload TEXT NOT NULL,
            PRIMARY KEY (stream, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE transfers (id TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL, created_at TEXT NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX transfers_newest ON transfers (created_at, id);
        CREATE INDEX transfers_state_newest ON transfers (state, created_at, id);
        CREATE TABLE transfer_events (
            id TEXT NOT NULL, sequence INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, data TEXT, PRIMARY KEY (id, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE idempotency_keys (key TEXT NOT NULL PRIMARY KEY, body_hash TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
        INSERT INTO streams VALUES ('transfer-old', 0, 0);
        INSERT INTO idempotency_keys VALUES ('key', 'hash', '000000000000000a', '2030-01-02T12:00:00.0000000Z');
        PRAGMA application_id = 0x43546A6E;
        PRAGMA user_version = 2;
        """;

    private static async Task<string> LastAsync(SqliteJournal journal, TransferListQuery query) =>
        string.Concat((await journal.ListAsync(query, [], Cancellation)).Items.Select(transfer => transfer.Id.Value[^1]));

    private string[] Plan(TransferListSql list)
    {
        using SqliteConnection connection = Connect();
        return [.. connection.Query("EXPLAIN QUERY PLAN " + list.Text, row => row.GetString(3), [.. list.Parameters])];
    }

    private void Insert(string id, string state, int second, string json)
    {
        using SqliteConnection connection = Connect();
        connection.Execute("PRAGMA synchronous=OFF");
        connection.Execute(
            "INSERT INTO transfers VALUES ($id, $state, $at, $json)",
            ("$id", id), ("$state", state), ("$at", StoredTime.From(Samples.Noon.AddSeconds(second))), ("$json", json));
    }

    private void Write(string sql)
    {
        using SqliteConnection connection = Connect();
        connection.Execute(sql);
    }

    private object? Read(string sql)
    {
        using SqliteConnection connection = Connect();
        return connection.Scalar(sql);
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={_fixture.File};Pooling=False");
        connection.Open();
        return connection;
    }
}
