using System.Globalization;
using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>The tables, as numbered steps; each runs once, in one transaction with the number it leads to.</summary>
/// <remarks>A released step is never edited: a change is a new step.</remarks>
internal static class Schema
{
    /// <summary>"CTjn": tells our file from another program's database.</summary>
    private const int ApplicationId = 0x43546A6E;

    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE streams (
            name TEXT NOT NULL PRIMARY KEY,
            highest INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE events (
            stream TEXT NOT NULL REFERENCES streams(name),
            sequence INTEGER NOT NULL CHECK (sequence > 0),
            type TEXT NOT NULL,
            version INTEGER NOT NULL,
            payload TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (stream, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE snapshots (
            stream TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            at TEXT NOT NULL,
            type TEXT NOT NULL,
            version INTEGER NOT NULL,
            payload TEXT NOT NULL,
            PRIMARY KEY (stream, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE transfers (
            id TEXT NOT NULL PRIMARY KEY,
            state TEXT NOT NULL,
            created_at TEXT NOT NULL,
            json TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX transfers_newest ON transfers (created_at, id);
        CREATE INDEX transfers_state_newest ON transfers (state, created_at, id);
        CREATE TABLE transfer_events (
            id TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            data TEXT,
            PRIMARY KEY (id, sequence)
        ) WITHOUT ROWID;
        CREATE TABLE idempotency_keys (
            key TEXT NOT NULL PRIMARY KEY,
            body_hash TEXT NOT NULL,
            id TEXT NOT NULL,
            at TEXT NOT NULL
        ) WITHOUT ROWID;
        """,
        // Tells events that were deleted from events that are lost.
        "ALTER TABLE streams ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;",
        // What lists filter and sort by stands in the index itself: a page reads index entries in order and only its own rows.
        """
        ALTER TABLE transfers ADD COLUMN ended_at TEXT NOT NULL DEFAULT '9999-12-31T23:59:59.9999999Z';
        ALTER TABLE transfers ADD COLUMN source_location TEXT NOT NULL DEFAULT '';
        ALTER TABLE transfers ADD COLUMN destination_location TEXT NOT NULL DEFAULT '';
        ALTER TABLE transfers ADD COLUMN source_node TEXT NOT NULL DEFAULT '';
        ALTER TABLE transfers ADD COLUMN destination_node TEXT NOT NULL DEFAULT '';
        DROP INDEX transfers_newest;
        DROP INDEX transfers_state_newest;
        CREATE INDEX transfers_by_creation ON transfers (created_at, id, state, source_location, destination_location, source_node, destination_node);
        CREATE INDEX transfers_by_end ON transfers (ended_at, id, state, source_location, destination_location, source_node, destination_node, created_at);
        """,
    ];

    /// <summary>What a step does beside its statements, by the version it leads to.</summary>
    private static readonly Dictionary<int, Action<SqliteConnection>> Conversions = new() { [3] = ListedColumns.Fill };

    public static int Version => Migrations.Length;

    /// <summary>Brings the database to <see cref="Version"/>.</summary>
    /// <exception cref="ClusterTransferException">A newer version of the program wrote it, or it is not a journal.</exception>
    public static void Migrate(SqliteConnection connection, string file)
    {
        long application = (long)connection.Scalar("PRAGMA application_id")!;
        long found = (long)connection.Scalar("PRAGMA user_version")!;
        long objects = (long)connection.Scalar("SELECT count(*) FROM sqlite_master")!;
        if (application != ApplicationId && (application != 0 || objects != 0))
        {
            throw new ClusterTransferException(Reason.InvalidRequest, $"{file} is a database of another program, not a journal.");
        }

        if (found > Version)
        {
            throw new ClusterTransferException(
                Reason.VersionMismatch, $"The journal {file} has schema {found}, this version knows {Version}: start the newer version again.");
        }

        for (int step = (int)found; step < Version; step++)
        {
            connection.Execute("BEGIN IMMEDIATE");
            try
            {
                connection.Execute(Migrations[step]);
                Conversions.GetValueOrDefault(step + 1)?.Invoke(connection);
                connection.Execute("PRAGMA application_id=" + ApplicationId.ToString(CultureInfo.InvariantCulture));
                connection.Execute("PRAGMA user_version=" + (step + 1).ToString(CultureInfo.InvariantCulture));
                connection.Execute("COMMIT");
            }
            catch
            {
                connection.RollbackIfOpen();
                throw;
            }
        }
    }
}
