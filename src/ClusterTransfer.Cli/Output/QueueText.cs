using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>The queue as results and as text.</summary>
internal static class QueueText
{
    private static readonly Column<QueuedTransferResource>[] Columns =
    [
        new("POSITION", transfer => Units.Count(transfer.Position), IsNumber: true),
        new("ID", transfer => transfer.Id.Value),
        new("WAITS FOR", WaitsFor),
        new("SINCE", transfer => transfer.WaitingSince is { } since ? Units.Time(since) : string.Empty),
        new("NEXT TRY", transfer => transfer.NextRetrySeconds is { } seconds ? Units.Eta(seconds) : string.Empty, IsNumber: true),
        new("SOURCE", transfer => transfer.Source),
        new("DESTINATION", transfer => transfer.Destination),
        new("STATE", transfer => transfer.State.ToString(), IsWide: true),
        new("WISH", transfer => transfer.Desired.ToString(), IsWide: true),
        new("CREATED", transfer => Units.Time(transfer.CreatedAt), IsWide: true),
        new("DETAIL", transfer => transfer.Problem?.Detail ?? string.Empty, IsWide: true),
    ];

    public static Result Result(QueueResource queue, Action<TextWriter, QueueResource, bool> text) => new()
    {
        Document = () => JsonText.Of(queue, ApiJson.Default.QueueResource),
        Lines = () => queue.Waiting.Select(transfer => JsonText.Of(transfer, ApiJson.Default.QueuedTransferResource)),
        Names = () => queue.Waiting.Select(transfer => transfer.Id.Value),
        Text = (output, isWide) => text(output, queue, isWide),
    };

    public static void Write(TextWriter output, QueueResource queue, bool isWide)
    {
        output.WriteLine(Sentence(queue));
        if (queue.DamagedCount > 0)
        {
            output.WriteLine(PathText.EscapeControls($"{DamageOf(queue)} 'ct doctor' says what to do."));
        }

        if (queue.Waiting.Count > 0)
        {
            Column<QueuedTransferResource>.Write(output, queue.Waiting, Columns, isWide);
        }
    }

    public static string Sentence(QueueResource queue) =>
        (queue.Paused ? $"The queue is paused{(queue.Since is { } since ? $" since {Units.Time(since)}" : string.Empty)}" : "The queue is open")
        + $": {Units.Count(queue.RunningCount)} running, {Units.Count(queue.WaitingCount)} waiting.";

    /// <summary>What of the hub's journal cannot be read, of a queue where there is something.</summary>
    public static string DamageOf(QueueResource queue)
    {
        string which = queue.DamagedCount == 1 ? "A stream of the hub's journal cannot be read" : $"{Units.Count(queue.DamagedCount)} streams of the hub's journal cannot be read";
        return queue.Damaged.Count == 0 ? $"{which}." : $"{which}{(queue.DamagedCount == 1 ? string.Empty : ", the first")}: {queue.Damaged[0].Problem.Detail}";
    }

    private static string WaitsFor(QueuedTransferResource transfer) => transfer switch
    {
        { Desired: DesiredState.Cancel, Problem: null } => "its end, as asked",
        { Desired: DesiredState.Pause } => "its resume",
        { Problem: { } problem } => problem.Reason.Info().Code,
        _ => "its nodes",
    };
}
