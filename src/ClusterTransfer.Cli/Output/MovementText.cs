using System.Globalization;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>How the bytes of one transfer move: its connections and its chunks.</summary>
internal static class MovementText
{
    private static readonly Column<ConnectionReport>[] ConnectionColumns =
    [
        new("CONNECTION", connection => Units.Count(connection.Number), IsNumber: true),
        new("PEER", connection => connection.Peer.Value),
        new("ADDRESS", connection => connection.RemoteAddress, IsWide: true),
        new("OPENED", connection => Units.Time(connection.OpenedAt), IsWide: true),
        new("SENT", connection => Units.Bytes(connection.BytesSent), IsNumber: true),
        new("BYTES", connection => Units.Count(connection.BytesSent), IsNumber: true, IsWide: true),
        new("IN FLIGHT", connection => Units.Count(connection.ChunksInFlight), IsNumber: true),
        new("REFUSED", connection => Units.Count(connection.ChunksRefused), IsNumber: true),
        new("SCORE", connection => Units.Count(connection.Score), IsNumber: true),
        new("ROUND TRIP", connection => connection.RoundTripMs is { } trip ? Units.Precise(TimeSpan.FromMilliseconds(trip)) : string.Empty, IsNumber: true),
        new("SENT AGAIN", connection => connection.SentAgain is { } again ? string.Create(CultureInfo.InvariantCulture, $"{100 * again:0.##} %") : string.Empty, IsNumber: true),
        new("RESTS", connection => connection.Rests ? "yes" : string.Empty),
        new("DELIVERY", connection => connection.DeliveryRate is { } rate ? Units.Rate(rate) : string.Empty, IsNumber: true, IsWide: true),
        new("BAD", connection => Units.Count(connection.Bad), IsNumber: true, IsWide: true),
        new("GOOD", connection => Units.Count(connection.Good), IsNumber: true, IsWide: true),
        new("FORGIVEN", connection => Units.Count(connection.Forgiven), IsNumber: true, IsWide: true),
    ];

    private static readonly Column<FailedChunkResource>[] FailedColumns =
    [
        new("FILE", chunk => chunk.Path),
        new("CHUNK", chunk => Units.Count(chunk.Evidence.Index), IsNumber: true),
        new("OFFSET", chunk => Units.Count(chunk.Evidence.FileOffset), IsNumber: true),
        new("ATTEMPTS", chunk => Units.Count(chunk.Evidence.Attempts), IsNumber: true),
        new("FIRST", chunk => chunk.Evidence.FirstAt is { } first ? Units.Time(first) : string.Empty, IsWide: true),
        new("LAST", chunk => Units.Time(chunk.Evidence.LastAt), IsWide: true),
        new("SENDER", chunk => chunk.Evidence.Peer, IsWide: true),
        new("CONNECTION", chunk => Units.Count(chunk.Evidence.Connection), IsNumber: true, IsWide: true),
        new("EXPECTED", chunk => chunk.Evidence.Expected, IsWide: true),
        new("ARRIVED", chunk => chunk.Evidence.Actual, IsWide: true),
        new("PROBLEM", chunk => $"{chunk.Problem.Detail} ({chunk.Problem.Reason.Info().Code})"),
    ];

    public static void WriteConnections(TextWriter output, IReadOnlyList<ConnectionReport> connections, bool isWide) =>
        Column<ConnectionReport>.Write(output, connections, ConnectionColumns, isWide);

    public static void WriteChunks(TextWriter output, ChunksResource chunks, bool onlyFailed, bool isWide)
    {
        if (!onlyFailed)
        {
            output.WriteLine($"{Units.Count(chunks.Durable)} of {Units.Count(chunks.Found)} chunks on disk, {Units.Count(chunks.Retried)} sent again, {Units.Count(chunks.Failed.Count)} given up");
        }

        if (onlyFailed || chunks.Failed.Count > 0)
        {
            Column<FailedChunkResource>.Write(output, chunks.Failed, FailedColumns, isWide);
        }
    }
}
