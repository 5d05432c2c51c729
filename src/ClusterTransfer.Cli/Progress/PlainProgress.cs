using ClusterTransfer.Client;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Progress;

/// <summary>Lines for logs: every event, and how far it is every 10 seconds.</summary>
internal sealed class PlainProgress(TextWriter error, TimeProvider time) : ITransferProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly EventFilter _filter = new();
    private long _lastLine = time.GetTimestamp();

    public void Show(TransferEvent item)
    {
        if (_filter.LineFor(item) is { } line)
        {
            error.WriteLine(line);
        }

        if (time.GetElapsedTime(_lastLine) >= Interval)
        {
            _lastLine = time.GetTimestamp();
            error.WriteLine(ProgressView.PlainLine(item.Transfer));
        }
    }

    public void Show(WatchNotice notice) => error.WriteLine(EventFilter.LineFor(notice));

    public void End()
    {
        // Lines stay.
    }

    public void Dispose() => End();
}
