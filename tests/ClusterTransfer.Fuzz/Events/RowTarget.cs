using System.Globalization;
using System.Text;
using System.Text.Json;
using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Journal;
using ClusterTransfer.Journal.Sqlite;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Fuzz.Events;

/// <summary>Rows of the journal's tables with values of any kind in any column, as a damaged page may hold them: a stream is read whole, or refused as what it is.</summary>
/// <remarks>The database is in memory and has the tables without their constraints. Slower than the other targets: each input is several statements.</remarks>
public sealed class RowTarget : IFuzzTarget
{
    private const string Stream = "transfer-0123456789abcdef";
    private static readonly TransferId Id = new("0123456789abcdef");

    private readonly JournalTypes _types = EventSeeds.Types();
    private readonly StoredPayload[] _good;
    private readonly byte[] _listed = JsonSerializer.SerializeToUtf8Bytes(
        new TransferResource
        {
            Id = Id, Source = "data:a", Destination = "other:b", ResultName = "a", State = TransferState.Active, Desired = DesiredState.Run, CreatedAt = DateTimeOffset.UnixEpoch,
        },
        ApiJson.Default.TransferResource);

    private SqliteConnection? _connection;

    public RowTarget() => _good = [.. EventSeeds.Good().Select(_types.Encode)];

    public string Name => "row";

    public IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Journal.Sqlite.EventTable", "Read", "Highest"),
        new("ClusterTransfer.Journal.Sqlite.SnapshotTable", "Load"),
        new("ClusterTransfer.Journal.Sqlite.TransferTable", "Get", "Read"),
        new("ClusterTransfer.Journal.Sqlite.TransferEventTable", "Read"),
        new("ClusterTransfer.Journal.Sqlite.KeyTable", "Find"),
        new("ClusterTransfer.Journal.StoredTime"),
    ];

    public FuzzCase Make(long index, Random random)
    {
        int wrong = index == 0 ? -1 : random.Next(24);
        object?[] row = [1L, _good[0].Name, 1L, _good[0].Json, StoredTime.From(DateTime.UnixEpoch)];
        object?[] stream = [1L, 0L];
        int payload = random.Next(_good.Length);
        (row[1], row[3]) = (_good[payload].Name, _good[payload].Json);
        if (wrong < 16)
        {
            for (int i = random.Next(1, 3); wrong >= 0 && i > 0; i--)
            {
                row[random.Next(row.Length)] = Value(random);
            }
        }
        else if (wrong < 22)
        {
            stream[random.Next(2)] = Value(random);
        }

        if (random.Next(8) == 0)
        {
            // A stream whose only row is its last: what should be before it is missing.
            stream[0] = row[0] = (long)random.Next(1, 5);
        }

        int table = random.Next(5);
        if (table == 3 && random.Next(2) == 0)
        {
            row[3] = Encoding.UTF8.GetString(JsonMaker.WithOtherValues(_listed, random));
        }

        (long from, long to) = random.Next(4) == 0 ? (random.Next(4), random.Next(4)) : (0, long.MaxValue);
        string kind = wrong < 0 ? "seed" : wrong < 16 ? "a column of a row" : wrong < 22 ? "a column of the stream" : "undamaged";
        return new FuzzCase(kind, () => $"table {table}, {from} to {to}: ({string.Join(" | ", row)}) of ({string.Join(" | ", stream)})", () => Try(table, row, stream, from, to));
    }

    private bool Try(int table, object?[] row, object?[] stream, long from, long to)
    {
        SqliteConnection database = _connection ??= Open();
        try
        {
            return table switch
            {
                0 or 1 => TryEvents(database, row, stream, from, to),
                2 => TrySnapshot(database, row),
                3 => TryTransfer(database, row, from > 0 ? new TransferId("zzzzzzzzzzzzzzzz") : Id),
                _ => TryLines(database, row),
            };
        }
        catch (JournalFormatException refused)
        {
            return refused.Reason is Reason.DiskError or Reason.VersionMismatch ? false : throw new FuzzException($"A row is refused for {refused.Reason}.");
        }
    }

    private bool TryEvents(SqliteConnection database, object?[] row, object?[] stream, long from, long to)
    {
        database.Execute("UPDATE streams SET highest = $highest, deleted = $deleted", ("$highest", stream[0]), ("$deleted", stream[1]));
        database.Execute("UPDATE events SET sequence = $sequence, type = $type, version = $version, payload = $payload, at = $at",
            ("$sequence", row[0]), ("$type", row[1]), ("$version", row[2]), ("$payload", row[3]), ("$at", row[4]));
        (long highest, List<PersistedEvent> events) = EventTable.Read(database, _types, Stream, from, to);
        if (events.Any(one => one.SequenceNr < 1 || one.SequenceNr > highest))
        {
            throw new FuzzException("An event was read that is not of its stream.");
        }

        return events.Count > 0;
    }

    private bool TrySnapshot(SqliteConnection database, object?[] row)
    {
        database.Execute("UPDATE snapshots SET sequence = $sequence, type = $type, version = $version, payload = $payload, at = $at",
            ("$sequence", row[0]), ("$type", row[1]), ("$version", row[2]), ("$payload", row[3]), ("$at", row[4]));
        return SnapshotTable.Load(database, _types, Stream, SnapshotSelectionCriteria.Latest) is not null;
    }

    private static bool TryTransfer(SqliteConnection database, object?[] row, TransferId id)
    {
        database.Execute("UPDATE transfers SET json = $json", ("$json", row[3]));
        return TransferTable.Get(database, id) is not null;
    }

    private static bool TryLines(SqliteConnection database, object?[] row)
    {
        database.Execute("UPDATE transfer_events SET sequence = $sequence, at = $at, kind = $kind, text = $text, data = $data",
            ("$sequence", row[0]), ("$at", row[4]), ("$kind", row[1]), ("$text", row[3]), ("$data", row[2]));
        database.Execute("UPDATE idempotency_keys SET body_hash = $hash, id = $id", ("$hash", row[1]), ("$id", row[0] is 1L ? Id.Value : row[0]));
        return TransferEventTable.Read(database, Id.Value, 0, 10).Count > 0 && KeyTable.Find(database, "key") is not null;
    }

    private static object? Value(Random random)
    {
        switch (random.Next(7))
        {
            case 0: return null;
            case 1: return Damage.Number(random);
            case 2: return random.NextDouble() * Math.Pow(10, random.Next(40));
            case 3: return Damage.Number(random).ToString(CultureInfo.InvariantCulture);
            case 4: return ((string[])["", "x", "null", "{}", "[]", "1", "2026-11-20T12:00:00.0000000Z", "transfer-ended", "transfer-started", "\uFFFD"])[random.Next(10)];
            case 5: return (byte[])[0xFF, 0, (byte)random.Next(256)];
            default: return new string('[', random.Next(100));
        }
    }

    private static SqliteConnection Open()
    {
        SystemSqlite.EnsureLoaded();
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        connection.Execute(
            """
            CREATE TABLE streams (name, highest, deleted);
            CREATE TABLE events (stream, sequence, type, version, payload, at);
            CREATE TABLE snapshots (stream, sequence, at, type, version, payload);
            CREATE TABLE transfers (id, json);
            CREATE TABLE transfer_events (id, sequence, at, kind, text, data);
            CREATE TABLE idempotency_keys (key, body_hash, id, at);
            INSERT INTO streams VALUES ('transfer-0123456789abcdef', 1, 0);
            INSERT INTO events (stream) VALUES ('transfer-0123456789abcdef');
            INSERT INTO snapshots (stream) VALUES ('transfer-0123456789abcdef');
            INSERT INTO transfers (id) VALUES ('0123456789abcdef');
            INSERT INTO transfer_events (id) VALUES ('0123456789abcdef');
            INSERT INTO idempotency_keys (key) VALUES ('key');
            """);
        return connection;
    }
}
