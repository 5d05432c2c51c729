using System.Globalization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>Transfers as text: one line, a table, all details, and the summary at the end.</summary>
internal static class TransferText
{
    private const int IssuesInSummary = 5;

    public static void WriteTable(TextWriter output, IReadOnlyList<TransferResource> transfers)
    {
        Table table = new Table("ID", "STATE", "DONE", "FILES", "BYTES", "RATE", "SOURCE", "DESTINATION", "CREATED").AlignRight(2, 3, 4, 5);
        foreach (TransferResource transfer in transfers)
        {
            TransferProgress progress = transfer.Progress;
            table.Add(
                transfer.Id.Value,
                StateOf(transfer),
                Done(transfer),
                $"{Units.Count(progress.FilesPublished)}/{Units.Count(progress.FilesFound)}{(progress.ScanComplete ? string.Empty : "+")}",
                Units.Bytes(progress.BytesDurable),
                transfer.State.IsTerminal() ? Units.Rate(transfer.AverageRate) : Units.Rate(transfer.CurrentRate),
                transfer.Source,
                transfer.Destination,
                Units.Time(transfer.CreatedAt));
        }

        table.Write(output);
    }

    public static void WriteDetails(TextWriter output, TransferResource transfer)
    {
        TransferProgress progress = transfer.Progress;
        void Field(string name, string value) => output.WriteLine(PathText.EscapeControls($"{name + ":",-13}{value}"));

        Field("Transfer", transfer.Id.Value);
        Field("State", StateOf(transfer) + (transfer.ExitCode is { } code ? $" (exit code {code})" : string.Empty));
        if (transfer.Problem is { } problem)
        {
            Field("Reason", $"{problem.Detail} ({problem.Reason.Info().Code})");
            Field("Remedy", problem.Reason.Info().Remedy);
        }

        if (transfer.NextRetrySeconds is { } retry)
        {
            Field("Next try", $"in {Units.Duration(TimeSpan.FromSeconds(retry))}");
        }

        Field("Source", transfer.Source + (transfer.SourceNode is { } source ? $" at {source}" : string.Empty));
        Field("Destination", $"{transfer.Destination} as {transfer.ResultName}" + (transfer.DestinationNode is { } destination ? $" at {destination}" : string.Empty));
        Field("Policy", $"conflict {Lower(transfer.Conflict)}, durability {Lower(transfer.Durability)}");
        Field("Done", $"{Done(transfer)}, {Units.Bytes(progress.BytesDurable)} of {Units.Bytes(progress.BytesFound)}{(progress.ScanComplete ? string.Empty : " found so far")}");
        Field("Files", $"{Units.Count(progress.FilesPublished)} of {Units.Count(progress.FilesFound)} published, {Units.Count(progress.FilesSkipped)} skipped, {Units.Count(progress.FilesParked)} parked");
        Field("Rate", $"{Units.Rate(transfer.CurrentRate)} now, {Units.Rate(transfer.AverageRate)} average, {Units.Rate(transfer.PeakRate)} peak");
        if (!transfer.State.IsTerminal() && transfer.EtaSeconds is { } eta)
        {
            Field("ETA", Units.Duration(TimeSpan.FromSeconds(eta)));
        }

        Field("Attempts", $"{Units.Count(transfer.Sessions)} sessions, epoch {transfer.Epoch}, {Units.Count(progress.ChunksRetried)} chunks sent again, {progress.Connections} connections");
        Field("Created", Units.Time(transfer.CreatedAt));
        if (transfer.StartedAt is { } started)
        {
            Field("Started", Units.Time(started));
        }

        if (transfer.EndedAt is { } ended)
        {
            Field("Ended", Units.Time(ended));
        }

        if (progress.CurrentPath is { } path && !transfer.State.IsTerminal())
        {
            Field("Current", path);
        }

        if (transfer.Issues.Count > 0)
        {
            output.WriteLine("Issues:");
            WriteIssues(output, transfer.Issues, transfer.Issues.Count);
        }
    }

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
            _ => $"{StateOf(transfer)}: {Done(transfer)}, {Units.Bytes(progress.BytesDurable)} so far",
        };
        output.WriteLine(PathText.EscapeControls(line));
        WriteIssues(output, transfer.Issues, IssuesInSummary);
        if (transfer.Issues.Count > IssuesInSummary)
        {
            output.WriteLine($"  and {Units.Count(transfer.Issues.Count - IssuesInSummary)} more: 'ct get {transfer.Id}' lists them");
        }

        if (transfer.State == TransferState.Failed && transfer.Problem is { } failed)
        {
            output.WriteLine($"  {failed.Reason.Info().Remedy}");
        }
    }

    /// <summary>One line of events.</summary>
    public static string EventLine(TransferEvent item) =>
        PathText.EscapeControls($"{item.At.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {item.Kind}: {item.Text}");

    public static string StateOf(TransferResource transfer) =>
        transfer.State.IsTerminal() || transfer.Desired == DesiredState.Run ? transfer.State.ToString()
        : $"{transfer.State} ({(transfer.Desired == DesiredState.Cancel ? "cancel asked" : "pause asked")})";

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

    private static void WriteIssues(TextWriter output, IReadOnlyList<FileIssue> issues, int most)
    {
        foreach (FileIssue issue in issues.Take(most))
        {
            ReasonInfo info = issue.Problem.Reason.Info();
            output.WriteLine(PathText.EscapeControls($"  {Lower(issue.State),-8} {issue.Path}: {issue.Problem.Detail} ({info.Code})"));
            if (issue.Chunk is { } chunk)
            {
                output.WriteLine(PathText.EscapeControls(
                    $"           chunk {chunk.Index} at byte {Units.Count(chunk.FileOffset)}, sent {chunk.Attempts} times, last {Units.Time(chunk.LastAt)} by {chunk.Peer} over connection {chunk.Connection}"));
                output.WriteLine(PathText.EscapeControls($"           expected {chunk.Expected}"));
                output.WriteLine(PathText.EscapeControls($"           arrived  {chunk.Actual}"));
                output.WriteLine($"           remedy   {info.Remedy}");
            }
        }
    }

    private static string Missing(TransferProgress progress) =>
        (progress.FilesSkipped > 0 ? $"; {Units.Count(progress.FilesSkipped)} skipped" : string.Empty)
        + (progress.FilesParked > 0 ? $"; {Units.Count(progress.FilesParked)} parked" : string.Empty);

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
