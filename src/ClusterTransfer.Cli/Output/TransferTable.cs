using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>Many transfers, a line each.</summary>
internal static class TransferTable
{
    private static readonly Column<TransferResource>[] Columns =
    [
        new("ID", transfer => transfer.Id.Value),
        new("STATE", TransferText.StateOf),
        new("DONE", TransferText.Done, IsNumber: true),
        new("FILES", transfer => Files(transfer.Progress), IsNumber: true),
        new("BYTES", transfer => Units.Bytes(transfer.Progress.BytesDurable), IsNumber: true),
        new("RATE", transfer => Units.Rate(transfer.State.IsTerminal() ? transfer.AverageRate : transfer.CurrentRate), IsNumber: true),
        new("AVERAGE", transfer => Units.Rate(transfer.AverageRate), IsNumber: true, IsWide: true),
        new("PEAK", transfer => Units.Rate(transfer.PeakRate), IsNumber: true, IsWide: true),
        new("ETA", transfer => Eta(transfer), IsNumber: true, IsWide: true),
        new("SOURCE", transfer => transfer.Source),
        new("FROM", transfer => transfer.SourceNode?.Value ?? string.Empty, IsWide: true),
        new("DESTINATION", transfer => transfer.Destination),
        new("TO", transfer => transfer.DestinationNode?.Value ?? string.Empty, IsWide: true),
        new("RESULT", transfer => transfer.ResultName, IsWide: true),
        new("CONNECTIONS", transfer => Units.Count(transfer.Progress.Connections), IsNumber: true, IsWide: true),
        new("SESSIONS", transfer => Units.Count(transfer.Sessions), IsNumber: true, IsWide: true),
        new("EPOCH", transfer => transfer.Epoch, IsWide: true),
        new("RETRIES", transfer => Units.Count(transfer.Retries), IsNumber: true, IsWide: true),
        new("CREATED", transfer => Units.Time(transfer.CreatedAt)),
        new("ENDED", transfer => transfer.EndedAt is { } ended ? Units.Time(ended) : string.Empty, IsWide: true),
        new("PROBLEM", transfer => transfer.Problem is { } problem ? $"{problem.Detail} ({problem.Reason.Info().Code})" : string.Empty, IsWide: true),
    ];

    public static void Write(TextWriter output, IReadOnlyList<TransferResource> transfers, bool isWide) =>
        Column<TransferResource>.Write(output, transfers, Columns, isWide);

    private static string Files(TransferProgress progress) =>
        $"{Units.Count(progress.FilesPublished)}/{Units.Count(progress.FilesFound)}{(progress.ScanComplete ? string.Empty : "+")}";

    private static string Eta(TransferResource transfer) =>
        !transfer.State.IsTerminal() && transfer.EtaSeconds is { } eta ? Units.Eta(eta) : string.Empty;
}
