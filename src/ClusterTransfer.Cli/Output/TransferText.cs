using System.Globalization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>A transfer in words: its state, how far it is, and the summary at the end.</summary>
internal static class TransferText
{
    private const int IssuesInSummary = 5;

    /// <summary>How it ended, for the person who waited. Only a completed transfer says 100 %.</summary>
    public static void WriteSummary(TextWriter output, TransferResource transfer)
    {
        TransferProgress progress = transfer.Progress;
        string time = transfer is { StartedAt: { } started, EndedAt: { } ended } ? $" in {Units.Duration(ended - started)}" : string.Empty;
        string rate = transfer.AverageRate > 0 ? $", {Units.Rate(transfer.AverageRate)} average" : string.Empty;
        string missing = Missing(progress);
        string reason = transfer.Problem is { } problem ? $"{problem.Detail.TrimEnd('.')} ({problem.Reason.Info().Code})" : "no reason given";
        string line = transfer.State switch
        {
            TransferState.Completed =>
                $"Completed 100 %: {Units.Files(progress.FilesPublished)}, {Units.Bytes(progress.BytesPublished)}{time}{rate}{missing} -> {transfer.Destination} as {transfer.ResultName}",
            TransferState.Partial =>
                $"Partial: {Units.Count(progress.FilesPublished)} of {Units.Files(progress.FilesFound)}, {Units.Bytes(progress.BytesPublished)}{time}{rate}{missing}",
            TransferState.Failed =>
                $"Failed: {reason}. {Units.Count(progress.FilesPublished)} of {Units.Files(progress.FilesFound)} published{time}{missing}",
            TransferState.Cancelled =>
                $"Cancelled: {Units.Files(progress.FilesPublished)}, {Units.Bytes(progress.BytesPublished)} were published before and stay{missing}",
            _ when WaitsForSpace(transfer) => $"Waits for space: {reason}. {Done(transfer)}, {Units.Bytes(progress.BytesDurable)} so far",
            _ => $"{StateOf(transfer)}: {Done(transfer)}, {Units.Bytes(progress.BytesDurable)} so far",
        };
        output.WriteLine(PathText.EscapeControls(line));
        IssueText.Write(output, transfer.Issues, IssuesInSummary);
        if (transfer.Issues.Count > IssuesInSummary)
        {
            output.WriteLine($"  and {Units.Count(transfer.Issues.Count - IssuesInSummary)} more: 'ct get {transfer.Id}' lists them");
        }

        if ((transfer.State == TransferState.Failed || WaitsForSpace(transfer)) && transfer.Problem is { } stands)
        {
            output.WriteLine($"  {stands.Reason.Info().Remedy}");
        }

        if (transfer.State is TransferState.Failed or TransferState.Partial)
        {
            output.WriteLine($"  'ct retry {transfer.Id}' takes it up again; what was delivered stays.");
        }
    }

    /// <summary>One line of events.</summary>
    public static string EventLine(TransferEvent item) =>
        PathText.EscapeControls($"{item.At.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {item.Kind}: {item.Text}");

    /// <summary>Whether it is held: a pause was asked for and no session is left to end.</summary>
    public static bool IsPaused(TransferResource transfer) => transfer is { State: TransferState.Queued, Desired: DesiredState.Pause };

    /// <summary>Whether it waits for somebody to make room at its destination.</summary>
    public static bool WaitsForSpace(TransferResource transfer) => !transfer.State.IsTerminal() && transfer.Problem?.Reason == Reason.NoSpace;

    /// <summary>The state as people are told it: what was asked for beside it included.</summary>
    public static string StateOf(TransferResource transfer) => transfer.State.IsTerminal() ? transfer.State.ToString() : transfer.Desired switch
    {
        DesiredState.Pause => IsPaused(transfer) ? "Paused" : "Pausing",
        DesiredState.Cancel => $"{transfer.State} (cancel asked)",
        _ when WaitsForSpace(transfer) => "No space",
        _ => transfer.State.ToString(),
    };

    public static string Done(TransferResource transfer) =>
        transfer.State == TransferState.Completed ? "100 %"
        : !transfer.Progress.ScanComplete ? "?"
        : Percent(transfer.Progress);

    public static string Percent(TransferProgress progress) =>
        Units.Percent(progress.BytesDurable, progress.BytesFound).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Exit code of <c>ct</c> for a transfer that has ended.</summary>
    public static int ExitCodeOf(TransferResource transfer) => transfer.ExitCode ?? transfer.State switch
    {
        TransferState.Completed => 0,
        TransferState.Partial => Reason.PartlyDelivered.Info().ExitCode,
        TransferState.Cancelled => Reason.Cancelled.Info().ExitCode,
        _ => Math.Max(1, (transfer.Problem?.Reason ?? Reason.Unclassified).Info().ExitCode),
    };

    private static string Missing(TransferProgress progress) =>
        (progress.FilesSkipped > 0 ? $"; {Units.Count(progress.FilesSkipped)} skipped" : string.Empty)
        + (progress.FilesParked > 0 ? $"; {Units.Count(progress.FilesParked)} parked" : string.Empty);
}
