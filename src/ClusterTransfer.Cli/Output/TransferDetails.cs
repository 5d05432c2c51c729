using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>All of one transfer, a line for each thing worth knowing.</summary>
internal static class TransferDetails
{
    public static void Write(TextWriter output, TransferResource transfer, bool isWide)
    {
        TransferProgress progress = transfer.Progress;
        void Field(string name, string value) => output.WriteLine(PathText.EscapeControls($"{name + ":",-14}{value}"));

        Field("Transfer", transfer.Id.Value);
        Field("State", TransferText.StateOf(transfer) + (transfer.ExitCode is { } code ? $" (exit code {code})" : string.Empty));
        if (transfer.Problem is { } problem)
        {
            Field("Reason", $"{problem.Detail} ({problem.Reason.Info().Code})");
            Field("Remedy", problem.Reason.Info().Remedy);
        }

        if (transfer.WaitingSince is { } since)
        {
            Field("Since", Units.Time(since));
        }

        if (transfer.NextRetrySeconds is { } retry)
        {
            Field("Next try", $"in {Units.Eta(retry)}");
        }

        Field("Source", transfer.Source + (transfer.SourceNode is { } source ? $" at {source}" : string.Empty));
        Field("Destination", $"{transfer.Destination} as {transfer.ResultName}" + (transfer.DestinationNode is { } destination ? $" at {destination}" : string.Empty));
        Field("Policy", $"conflict {Lower(transfer.Conflict)}, durability {Lower(transfer.Durability)}, connections {Lower(transfer.ConnectionPolicy)}"
            + (transfer.Connections is { } wanted ? $", {wanted} wanted" : string.Empty));
        Field("Done", $"{TransferText.Done(transfer)}, {Units.Bytes(progress.BytesDurable)} of {Units.Bytes(progress.BytesFound)}{(progress.ScanComplete ? string.Empty : " found so far")}");
        Field("Files", $"{Units.Count(progress.FilesPublished)} of {Units.Count(progress.FilesFound)} published, {Units.Count(progress.FilesSkipped)} skipped, {Units.Count(progress.FilesParked)} parked");
        Field("Bytes", $"{Units.Bytes(progress.BytesSent)} sent, {Units.Bytes(progress.BytesReceived)} acknowledged, {Units.Bytes(progress.BytesDurable)} on disk, {Units.Bytes(progress.BytesVerified)} verified");
        Field("Rate", $"{Units.Rate(transfer.CurrentRate)} now, {Units.Rate(transfer.AverageRate)} average, {Units.Rate(transfer.PeakRate)} peak");
        if (LimitText.All(transfer) is { } limit)
        {
            Field("Limit", limit);
        }

        if (transfer.Weight is { } weight)
        {
            Field("Weight", $"{weight}; others have {TransferWeight.Default} unless they were given one");
        }

        if (transfer.Bottleneck is { } bottleneck)
        {
            Field("Bottleneck", StageText.Line(bottleneck));
        }

        if (!transfer.State.IsTerminal() && transfer.EtaSeconds is { } eta)
        {
            Field("ETA", Units.Eta(eta));
        }

        Field("Attempts", $"{Count(transfer.Sessions, "session")}, epoch {transfer.Epoch}, {Count(progress.ChunksRetried, "chunk")} sent again, {Count(progress.Connections, "connection")}");
        if (transfer.Retries > 0)
        {
            Field("Retries", $"taken up again {Count(transfer.Retries, "time")}");
        }

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

        if (isWide)
        {
            WriteExact(Field, transfer);
        }

        if (transfer.Issues.Count > 0)
        {
            output.WriteLine("Issues:");
            IssueText.Write(output, transfer.Issues, transfer.Issues.Count);
        }
    }

    // What the lines above round or leave out.
    private static void WriteExact(Action<string, string> field, TransferResource transfer)
    {
        TransferProgress progress = transfer.Progress;
        field("Wish", Lower(transfer.Desired));
        field("Entries", Units.Count(progress.EntriesFound));
        if (transfer.Bottleneck is { } bottleneck)
        {
            field("Stages", StageText.All(bottleneck));
            field("   since", Units.Time(bottleneck.Since));
        }

        field("Chunks", $"{Units.Count(progress.ChunksDurable)} of {Units.Count(progress.ChunksFound)} on disk");
        field("Found", $"{Units.Count(progress.BytesFound)} bytes");
        field("Sent", $"{Units.Count(progress.BytesSent)} bytes");
        if (progress.ChunksLz4 + progress.ChunksZstandard > 0)
        {
            field("Compressed", $"{Count(progress.ChunksLz4, "chunk")} by LZ4, {Units.Count(progress.ChunksZstandard)} by Zstandard; {Units.Count(progress.BytesSaved)} bytes less on the wire");
        }

        field("Acknowledged", $"{Units.Count(progress.BytesReceived)} bytes");
        field("On disk", $"{Units.Count(progress.BytesDurable)} bytes");
        field("Verified", $"{Units.Count(progress.BytesVerified)} bytes");
        field("Published", $"{Units.Count(progress.BytesPublished)} bytes");
        field("Last event", Units.Count(transfer.LastEvent));
        WritePolicies(field, transfer.Policies);
    }

    private static void WritePolicies(Action<string, string> field, TransferPolicies policies)
    {
        (ChunkRetryPolicy retry, AcknowledgementPolicy answer, BadChunkPolicy bad) = (policies.ChunkRetry, policies.Acknowledgement, policies.BadChunks);
        string good = $"{Count(bad.GoodPerBad, "good chunk")}";
        string time = Units.Precise(bad.ForgiveAfter);
        field("Chunk retry", $"sent {Count(retry.Attempts, "time")} at most, {Units.Precise(retry.PauseMin)} to {Units.Precise(retry.PauseMax)} after a refusal");
        field("Acknowledge", $"within {Units.Precise(answer.Timeout)}; after {Count(answer.Repeats, "time")} without, the connection is given up");
        field("Bad chunks", $"{Units.Count(bad.Limit)} close a connection; one is forgiven by "
            + (bad.Decay == BadChunkDecay.Good ? good : bad.Decay == BadChunkDecay.Time ? time : $"{good} or {time}"));
        field("Progress", $"at least {Units.Bytes(policies.Progress.Bytes)} within {Units.Precise(policies.Progress.Within)}, else the session is opened again");
        field("Drain", $"{Units.Precise(policies.Drain.Limit)} at most when it is to hold");
        field("Compression", policies.Compression == CompressionMode.Auto ? "where it makes the transfer faster" : Lower(policies.Compression));
        field("Checkpoint", $"after {Units.Bytes(policies.Checkpoint.Bytes)} or {Units.Precise(policies.Checkpoint.Interval)}");
    }

    private static string Count(long count, string noun) => $"{Units.Count(count)} {noun}{(count == 1 ? string.Empty : "s")}";

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
