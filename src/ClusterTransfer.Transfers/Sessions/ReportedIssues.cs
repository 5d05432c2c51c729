using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Keeps the report of a session's end within what one control message may carry: the bus takes no larger one, however often it is repeated.</summary>
internal static class ReportedIssues
{
    /// <summary>What the bus carries in one message.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>The report with as many of its issues, from the first on, as fit; the counts in its progress cover all.</summary>
    public static SessionEnded Fit(SessionEnded ended)
    {
        // The file that was worked on last is up to 20 KiB of escapes, and nobody asks for it any more.
        SessionEnded bare = ended with { Issues = [], Progress = ended.Progress with { CurrentPath = null } };
        int room = MaxBytes - JsonSerializer.SerializeToUtf8Bytes(bare, ControlJson.Default.BusMessage).Length;
        return bare with { Issues = [.. ended.Issues.Take(SessionEnded.MaxIssues).TakeWhile(issue => (room -= SizeOf(issue)) >= 0)] };
    }

    /// <summary>What an issue takes in a message, in bytes of JSON.</summary>
    public static int SizeOf(FileIssue issue) => JsonSerializer.SerializeToUtf8Bytes(issue, ControlJson.Default.FileIssue).Length + 1;
}
