using ClusterTransfer.Actors.Persistence;
using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Streams of events. The primary key (stream, sequence) is the fence between two writers.</summary>
internal static class EventTable
{
    public static bool Append(
        SqliteConnection connection, string stream, long expected, IReadOnlyList<StoredPayload> events, string at)
    {
        connection.Execute("INSERT INTO streams (name, highest) VALUES ($stream, 0) ON CONFLICT (name) DO NOTHING", ("$stream", stream));
        long actual = Highest(connection, stream);
        if (actual != expected)
        {
            throw new SequenceConflictException(stream, expected, actual);
        }

        long sequence = expected;
        foreach (StoredPayload payload in events)
        {
            connection.Execute(
                "INSERT INTO events (stream, sequence, type, version, payload, at) VALUES ($stream, $sequence, $type, $version, $payload, $at)",
                ("$stream", stream),
                ("$sequence", checked(++sequence)),
                ("$type", payload.Name),
                ("$version", payload.Version),
                ("$payload", payload.Json),
                ("$at", at));
        }

        connection.Execute("UPDATE streams SET highest = $highest WHERE name = $stream", ("$highest", sequence), ("$stream", stream));
        return true;
    }

    /// <summary>Reads a range whole before anything of it is used: a stream with one bad row is not replayed in part.</summary>
    /// <exception cref="JournalFormatException">A row is missing or cannot be read.</exception>
    public static (long Highest, List<PersistedEvent> Events) Read(
        SqliteConnection connection, JournalTypes types, string stream, long from, long to)
    {
        long next = from;
        try
        {
            long highest = Highest(connection, stream);
            long deleted = (long?)connection.Scalar("SELECT deleted FROM streams WHERE name = $stream", ("$stream", stream)) ?? 0;
            long stored = (long?)connection.Scalar("SELECT max(sequence) FROM events WHERE stream = $stream", ("$stream", stream)) ?? 0;
            if (Math.Max(stored, deleted) != highest)
            {
                throw new JournalFormatException(
                    stream, Math.Min(stored, highest) + 1, Reason.DiskError, $"is wrong: the stream ends at {highest}, its rows at {stored}");
            }

            next = Math.Max(from, deleted + 1);
            long last = Math.Min(to, highest);
            List<PersistedEvent> events = connection.Query(
                "SELECT sequence, type, version, payload FROM events WHERE stream = $stream AND sequence BETWEEN $from AND $to ORDER BY sequence",
                row =>
                {
                    long sequence = row.GetInt64(0);
                    if (sequence != next)
                    {
                        throw new JournalFormatException(stream, next, Reason.DiskError, "is missing");
                    }

                    StoredPayload payload = new(row.GetString(1), row.GetInt32(2), row.GetString(3));
                    PersistedEvent happened = new(sequence, types.Decode(stream, sequence, payload));
                    next++;
                    return happened;
                },
                ("$stream", stream),
                ("$from", next),
                ("$to", last));
            return next > last
                ? (highest, events)
                : throw new JournalFormatException(stream, next, Reason.DiskError, "is missing");
        }
        catch (Exception error) when (DamagedRow.IsCause(error))
        {
            throw DamagedRow.Of(stream, next, error);
        }
    }

    /// <summary>Removes the start of a stream; its end stays, so that no number is used twice.</summary>
    public static bool Delete(SqliteConnection connection, string stream, long to)
    {
        long last = Math.Min(to, Highest(connection, stream));
        connection.Execute("DELETE FROM events WHERE stream = $stream AND sequence <= $to", ("$stream", stream), ("$to", last));
        connection.Execute("UPDATE streams SET deleted = max(deleted, $to) WHERE name = $stream", ("$to", last), ("$stream", stream));
        return true;
    }

    private static long Highest(SqliteConnection connection, string stream) =>
        (long?)connection.Scalar("SELECT highest FROM streams WHERE name = $stream", ("$stream", stream)) ?? 0;
}
