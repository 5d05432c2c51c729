using System.Text.Json;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Stages;

namespace ClusterTransfer.Cli.Output;

/// <summary>Why a transfer is where it is, since when, and what to type.</summary>
/// <param name="Why">One sentence.</param>
/// <param name="Remedy">What helps; null where nothing need be done.</param>
/// <param name="Commands">What to type next, the likeliest first.</param>
internal sealed record WhyText(string Why, string? Remedy, IReadOnlyList<string> Commands)
{
    /// <summary>Since when, where the transfer itself does not say.</summary>
    public DateTimeOffset? Since { get; init; }

    public static WhyText Of(TransferResource transfer)
    {
        string id = transfer.Id.Value;
        Problem? problem = transfer.Problem;
        return transfer switch
        {
            { State: TransferState.Completed } => new("It is delivered; it waits for nothing.", null, [$"ct get {id}"]),
            { State: TransferState.Cancelled } => new(Said(problem, "It was cancelled on request."), null, [$"ct get {id}"]),
            { State: TransferState.Partial } => new(Said(problem, "Some of its files were not delivered."), Reason.PartlyDelivered.Info().Remedy, Retries(transfer)),
            { State: TransferState.Failed } => new(Said(problem, "It failed."), problem?.Reason.Info().Remedy, Retries(transfer)),
            { Desired: DesiredState.Cancel } => new(
                Said(problem, "It was asked to end, and its destination has yet to confirm that."), problem?.Reason.Info().Remedy, [$"ct wait {id}", "ct nodes ls"]),
            { Desired: DesiredState.Pause, State: TransferState.Queued } => new("It is paused.", null, [$"ct resume {id}"]),
            { Desired: DesiredState.Pause } => new("It was paused; both ends are closing their session.", null, [$"ct wait {id} --for paused", $"ct resume {id}"]),
            { Problem: { Reason: Reason.QueuePaused } paused } => new(paused.Detail, null, ["ct queue resume", "ct queue show"]),
            { Problem: { Reason: Reason.NodeUnreachable } away } => new(away.Detail, away.Reason.Info().Remedy, ["ct nodes ls", "ct doctor"]),
            { Problem: { Reason: Reason.NoSpace or Reason.DestinationNotWritable } full } => new(full.Detail, full.Reason.Info().Remedy, ["ct locations ls", $"ct watch {id}"]),
            { Problem: { } other } => new(other.Detail, other.Reason.Info().Remedy, [$"ct watch {id}", $"ct events {id}"]),
            { State: TransferState.Queued } => new("It is about to begin.", null, [$"ct watch {id}"]),
            { State: TransferState.Negotiating } => new("Its nodes have yet to open their ends of a session.", null, [$"ct watch {id}", "ct nodes ls"]),
            { State: TransferState.Finishing } => new("All files have their outcome; the source has yet to say that its list was whole.", null, [$"ct watch {id}"]),
            { Progress.Connections: 0 } => new("No data connection is open yet; they are dialled again and again.", null, [$"ct conns {id}", $"ct events {id}"]),
            { LimitIgnoredBy: not null } => new(
                $"It runs; its limit is {RateLimit.Text(transfer.Limit)}, {LimitText.Ignored(transfer)}.", $"Upgrade node {transfer.LimitIgnoredBy}.", ["ct nodes ls", $"ct watch {id}"]),
            { HeldBackBy: not null, Bottleneck: null or { Limiter: Stage.Throttle } } => new($"It runs, {LimitText.Of(transfer)}.", null, [LimitText.Remedy(transfer), $"ct watch {id}"]),
            { Bottleneck: { } limits } => new(StageText.Sentence(limits), StageText.Remedy(limits.Limiter), [$"ct get {id} -o wide", $"ct watch {id}"]) { Since = limits.Since },
            _ => new("It runs; it waits for nothing.", null, [$"ct watch {id}"]),
        };
    }

    public static Result Result(TransferResource transfer)
    {
        WhyText why = Of(transfer);
        return new Result
        {
            Document = () => JsonText.Of(json => why.Write(json, transfer)),
            Names = () => [transfer.Id.Value],
            Text = (output, _) => why.Write(output, transfer),
        };
    }

    private void Write(TextWriter output, TransferResource transfer)
    {
        void Field(string name, string value) => output.WriteLine(PathText.EscapeControls($"{name + ":",-14}{value}"));

        Field("Transfer", $"{transfer.Id}, {transfer.Source} to {transfer.Destination}");
        Field("State", TransferText.StateOf(transfer) + (transfer.ExitCode is { } code ? $" (exit code {code})" : string.Empty));
        Field("Why", Why + (transfer.Problem is { } problem ? $" ({problem.Reason.Info().Code})" : string.Empty));
        if ((transfer.WaitingSince ?? transfer.EndedAt ?? Since) is { } since)
        {
            Field("Since", Units.Time(since));
        }

        if (transfer.NextRetrySeconds is { } retry)
        {
            Field("Next try", $"in {Units.Eta(retry)}");
        }

        if (Remedy is not null)
        {
            Field("Remedy", Remedy);
        }

        if (!transfer.State.IsTerminal() && transfer.Progress is { FilesParked: > 0 } or { FilesSkipped: > 0 })
        {
            Field("Not delivered", $"{Units.Count(transfer.Progress.FilesSkipped)} skipped, {Units.Count(transfer.Progress.FilesParked)} parked so far");
        }

        Field("Type", Commands[0]);
        foreach (string command in Commands.Skip(1))
        {
            Field("   or", command);
        }
    }

    private void Write(Utf8JsonWriter json, TransferResource transfer)
    {
        json.WriteString("id", transfer.Id.Value);
        json.WriteString("state", transfer.State.ToString());
        json.WriteString("desired", transfer.Desired.ToString());
        json.WriteString("why", Why);
        if (transfer.Problem is { } problem)
        {
            json.WriteString("code", problem.Reason.Info().Code);
        }

        if ((transfer.WaitingSince ?? transfer.EndedAt ?? Since) is { } since)
        {
            json.WriteString("since", since.UtcDateTime);
        }

        if (transfer.NextRetrySeconds is { } retry)
        {
            json.WriteNumber("nextRetrySeconds", retry);
        }

        if (Remedy is not null)
        {
            json.WriteString("remedy", Remedy);
        }

        json.WriteStartArray("commands");
        foreach (string command in Commands)
        {
            json.WriteStringValue(command);
        }

        json.WriteEndArray();
    }

    private static string Said(Problem? problem, string otherwise) => problem?.Detail ?? otherwise;

    private static string[] Retries(TransferResource transfer) => transfer.Issues.Any(issue => issue.Chunk is not null)
        ? [$"ct retry {transfer.Id}", $"ct retry {transfer.Id} --chunks", $"ct get {transfer.Id}"]
        : [$"ct retry {transfer.Id}", $"ct get {transfer.Id}"];
}
