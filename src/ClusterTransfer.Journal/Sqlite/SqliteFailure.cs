using ClusterTransfer.Model;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>What an SQLite error means to us.</summary>
internal static class SqliteFailure
{
    /// <summary>Whether nothing may be written any more: after a failed write or flush nobody knows what is on the disk.</summary>
    public static bool IsFatal(SqliteException error) => error.SqliteErrorCode is
        raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN;

    /// <summary>The error at the boundary.</summary>
    public static ClusterTransferException Translate(SqliteException error, string file) => error.SqliteErrorCode switch
    {
        raw.SQLITE_FULL => new(Reason.NoSpace, $"The journal {file} cannot grow: its disk is full.", error),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new(
            Reason.LimitReached, $"The journal {file} stayed locked by another process longer than the busy timeout.", error),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new(
            Reason.DiskError, $"The journal {file} is damaged ({error.Message}): restore it from a backup; the data beside it is not touched.", error),
        _ => new(Reason.DiskError, $"The journal {file} failed: {error.Message}", error),
    };
}
