using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Progress;

/// <summary>Draws a transfer as two lines that fit a width: the whole first, then what is being done. No state, no clock, no terminal.</summary>
internal static class ProgressView
{
    private const int MinBar = 10;
    private const int MaxBar = 30;

    /// <summary>The two lines; neither is wider than <paramref name="width"/> columns nor holds a control character.</summary>
    /// <param name="transfer">What to draw.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="isLost">Whether the node does not answer, so that the numbers are old.</param>
    public static string[] Lines(TransferResource transfer, int width, bool isLost = false)
    {
        // The last column stays free: some terminals wrap when it is written.
        int room = Math.Max(1, width - 1);
        string[] parts = Parts(transfer);

        // What does not fit is left out from the end: the parts come in the order of their worth.
        string numbers = parts[0];
        foreach (string part in parts.Skip(1))
        {
            string longer = $"{numbers}  {part}";
            if (TextWidth.Of(longer) > room)
            {
                break;
            }

            numbers = longer;
        }

        int left = room - TextWidth.Of(numbers) - 3;
        string first = transfer.Progress.ScanComplete && left >= MinBar ? $"[{Bar(transfer, Math.Min(left, MaxBar))}] {numbers}" : numbers;
        return [Fit(first, room), Fit(Phase(transfer, room, isLost), room)];
    }

    /// <summary>The same on one line, for logs.</summary>
    public static string PlainLine(TransferResource transfer) =>
        PathText.EscapeControls($"{TransferText.StateOf(transfer)}  {string.Join("  ", Parts(transfer))}");

    private static string[] Parts(TransferResource transfer)
    {
        TransferProgress progress = transfer.Progress;
        string done = transfer.State == TransferState.Completed ? "100 %" : progress.ScanComplete ? TransferText.Percent(progress) : "scanning";
        var parts = new List<string>
        {
            done,
            $"{Units.Bytes(progress.BytesDurable)} of {Units.Bytes(progress.BytesFound)}{(progress.ScanComplete ? string.Empty : "+")}",
            $"{Units.Count(progress.FilesPublished)}/{Units.Count(progress.FilesFound)}{(progress.ScanComplete ? string.Empty : "+")} files",
            Units.Rate(transfer.CurrentRate),
        };
        if (transfer.EtaSeconds is { } eta && progress.ScanComplete)
        {
            parts.Add($"ETA {Units.Eta(eta)}");
        }

        parts.Add($"avg {Units.Rate(transfer.AverageRate)}");
        if (progress.ChunksRetried > 0)
        {
            parts.Add($"retries {Units.Count(progress.ChunksRetried)}");
        }

        if (progress.FilesSkipped + progress.FilesParked > 0)
        {
            parts.Add($"not delivered {Units.Count(progress.FilesSkipped + progress.FilesParked)}");
        }

        return [.. parts];
    }

    private static string Phase(TransferResource transfer, int room, bool isLost)
    {
        string phase = TransferText.StateOf(transfer);
        if (isLost)
        {
            return $"{phase}  (node lost, retrying; the transfer goes on without us)";
        }

        // Why nothing moves is worth more than the file that does not move.
        if (transfer.Problem is { } problem)
        {
            string retry = transfer.NextRetrySeconds is { } seconds ? $", next try in {Units.Eta(seconds)}" : string.Empty;
            return $"{phase}  waits: {problem.Detail}{retry}";
        }

        string link = transfer is { SourceNode: { } source, DestinationNode: { } destination }
            ? $"  {source} -> {destination}, {transfer.Progress.Connections} connections"
            : string.Empty;
        string lead = phase + link;
        int left = room - TextWidth.Of(lead) - 2;
        return transfer.Progress.CurrentPath is { } path && left >= 8
            ? $"{lead}  {TextWidth.KeepEnd(PathText.EscapeControls(path), left)}"
            : lead;
    }

    private static string Bar(TransferResource transfer, int width)
    {
        double share = transfer.State == TransferState.Completed ? 100 : Units.Percent(transfer.Progress.BytesDurable, transfer.Progress.BytesFound);
        int full = (int)(share * width / 100);
        return new string('#', full) + new string('.', width - full);
    }

    private static string Fit(string line, int room) => TextWidth.Cut(PathText.EscapeControls(line), room);
}
