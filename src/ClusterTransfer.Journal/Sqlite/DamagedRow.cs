using ClusterTransfer.Model;

namespace ClusterTransfer.Journal.Sqlite;

/// <summary>Rows whose columns hold something else than the schema says. SQLite keeps a kind with each value, so a flipped bit makes text of a number and a checksum of its pages it has none.</summary>
internal static class DamagedRow
{
    /// <summary>Whether reading a column failed because of what it holds.</summary>
    public static bool IsCause(Exception error) => error is InvalidCastException or InvalidOperationException or OverflowException or FormatException;

    /// <summary>The error at the boundary.</summary>
    /// <param name="stream">The stream it is of.</param>
    /// <param name="sequence">The row, as far as it is known.</param>
    /// <param name="cause">What failed.</param>
    public static JournalFormatException Of(string stream, long sequence, Exception cause) =>
        new(stream, sequence, Reason.DiskError, "has a column that holds something else than its kind", cause);
}
