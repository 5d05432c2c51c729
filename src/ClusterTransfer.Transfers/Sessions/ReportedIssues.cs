using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Keeps the files named in a report within what one control message may carry; the counts in its progress cover all.</summary>
internal static class ReportedIssues
{
    // A control message has 64 KiB; the rest of the report is far below the difference.
    private const int MaxBytes = 48 * 1024;

    /// <summary>As many of the issues, from the first on, as fit.</summary>
    public static IReadOnlyList<FileIssue> Fitting(IReadOnlyList<FileIssue> issues)
    {
        int bytes = 0;
        for (int i = 0; i < issues.Count; i++)
        {
            bytes += JsonSerializer.SerializeToUtf8Bytes(issues[i], ControlJson.Default.FileIssue).Length + 1;
            if (bytes > MaxBytes)
            {
                return [.. issues.Take(i)];
            }
        }

        return issues;
    }
}
