using System.Text.Json;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Progress;

/// <summary>One JSON object a line, for programs: at most ten a second while it runs, and always the end.</summary>
/// <remarks>Two kinds, told apart by <c>type</c>: <c>progress</c> with the transfer as it is, named as in the API, and <c>link</c> when the node is lost or back. Documented in docs/cli.md.</remarks>
internal sealed class JsonProgress : ITransferProgress
{
    private readonly TextWriter _error;
    private readonly TimeProvider _time;
    private readonly Pacer _pacer;
    private TransferEvent? _latest;
    private bool _isShown = true;

    public JsonProgress(TextWriter error, TimeProvider time)
    {
        (_error, _time) = (error, time);
        _pacer = new Pacer(time, WriteProgress);
    }

    public void Show(TransferEvent item) => _pacer.Change(
        () => (_latest, _isShown) = (item, false),
        atOnce: item.Transfer.State.IsTerminal());

    public void Show(WatchNotice notice) => _pacer.Change(() => Write("link", json =>
    {
        json.WriteString("at", _time.GetUtcNow());
        json.WriteString("state", notice.Kind == WatchNoticeKind.Lost ? "lost" : "back");
        if (notice.Problem is { } problem)
        {
            json.WriteString("detail", problem.Detail);
        }

        json.WriteNumber("outageSeconds", Math.Round(notice.Outage.TotalSeconds, 3));
    }));

    public void End() => _pacer.End(WriteProgress);

    public void Dispose() => End();

    private void WriteProgress()
    {
        if (_isShown || _latest is not { } item)
        {
            return;
        }

        _isShown = true;
        TransferResource transfer = item.Transfer;
        Write("progress", json =>
        {
            json.WriteString("at", item.At);
            json.WriteString("transfer", transfer.Id.Value);
            json.WriteString("state", transfer.State.ToString());
            json.WriteString("desired", transfer.Desired.ToString());
            json.WriteNumber("lastEvent", transfer.LastEvent);
            json.WriteNumber("currentRate", transfer.CurrentRate);
            json.WriteNumber("averageRate", transfer.AverageRate);
            json.WriteNumber("peakRate", transfer.PeakRate);
            WriteSeconds(json, "etaSeconds", transfer.EtaSeconds);
            WriteSeconds(json, "nextRetrySeconds", transfer.NextRetrySeconds);
            json.WriteNumber("retries", transfer.Retries);
            json.WriteNumber("sessions", transfer.Sessions);

            // The counters exactly as the API has them.
            JsonElement resource = TransferResult.Json(transfer);
            json.WritePropertyName("progress");
            resource.GetProperty("progress").WriteTo(json);
            if (resource.TryGetProperty("problem", out JsonElement problem))
            {
                json.WritePropertyName("problem");
                problem.WriteTo(json);
            }

            if (transfer.ExitCode is { } exit)
            {
                json.WriteNumber("exitCode", exit);
            }
        });
    }

    private void Write(string type, Action<Utf8JsonWriter> write)
    {
        _error.WriteLine(JsonText.Line(JsonText.Of(write, type)));
        _error.Flush();
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, double? seconds)
    {
        if (seconds is { } known)
        {
            json.WriteNumber(name, known);
        }
    }
}
