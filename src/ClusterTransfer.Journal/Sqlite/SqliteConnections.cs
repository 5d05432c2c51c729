using System.Globalization;
using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Opens connections with the settings that durability rests on.</summary>
internal static class SqliteConnections
{
    private const string WalSizeLimit = "67108864";

    public static SqliteConnection OpenWriter(string file, SqliteJournalOptions options)
    {
        SqliteConnection connection = Open(file, options);
        try
        {
            string mode = (string?)connection.Scalar("PRAGMA journal_mode=WAL") ?? string.Empty;
            if (mode != "wal")
            {
                throw new ClusterTransferException(
                    Reason.DiskError, $"The journal {file} cannot use a write-ahead log (mode '{mode}'): keep it on a local disk, not on a network file system.");
            }

            // FULL flushes the log at every commit: an acknowledged write survives a power cut.
            connection.Execute("PRAGMA synchronous=FULL");

            // After a long read the log may have grown; it is cut back so that it never stays large.
            connection.Execute("PRAGMA journal_size_limit=" + WalSizeLimit);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenReader(string file, SqliteJournalOptions options)
    {
        SqliteConnection connection = Open(file, options);
        connection.Execute("PRAGMA query_only=ON");
        return connection;
    }

    private static SqliteConnection Open(string file, SqliteJournalOptions options)
    {
        SqliteConnectionStringBuilder builder = new()
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,   // each connection belongs to one thread of ours and is really closed with it
            ForeignKeys = true,
            DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
        };
        SqliteConnection connection = new(builder.ConnectionString);
        try
        {
            connection.Open();
            connection.Execute("PRAGMA busy_timeout=" + ((int)options.BusyTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
            connection.Execute("PRAGMA trusted_schema=OFF");
            connection.Execute("PRAGMA cell_size_check=ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
