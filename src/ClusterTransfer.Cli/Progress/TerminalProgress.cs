using System.Text;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Progress;

/// <summary>Two lines at the bottom of a terminal that change in place; events scroll by above them.</summary>
/// <param name="error">The terminal.</param>
/// <param name="width">Its width now; asked at every drawing, since windows change.</param>
/// <param name="time">Clock.</param>
/// <param name="useColor">Whether the second line may be dimmed.</param>
internal sealed class TerminalProgress(TextWriter error, Func<int> width, TimeProvider time, bool useColor) : ITransferProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly EventFilter _filter = new();
    private TransferResource? _transfer;
    private int _drawn;
    private bool _isLost;
    private long? _lastDrawing;

    public void Show(TransferEvent item)
    {
        _transfer = item.Transfer;
        Show(_filter.LineFor(item));
    }

    public void Show(WatchNotice notice)
    {
        _isLost = notice.Kind == WatchNoticeKind.Lost;
        Show(EventFilter.LineFor(notice));
    }

    public void End()
    {
        var text = new StringBuilder();
        Clear(text);
        error.Write(text.ToString());
        error.Flush();
    }

    private void Show(string? line)
    {
        // A line is printed at once; numbers alone change at most ten times a second.
        if (line is null && _lastDrawing is { } last && time.GetElapsedTime(last) < Interval)
        {
            return;
        }

        // One write, so that nothing else of ours lands in the middle.
        var text = new StringBuilder();
        Clear(text);
        if (line is not null)
        {
            text.Append(line).Append('\n');
        }

        if (_transfer is { } transfer && !transfer.State.IsTerminal())
        {
            string[] lines = ProgressView.Lines(transfer, width(), _isLost);
            text.Append(lines[0]).Append('\n').Append(useColor ? $"\x1b[2m{lines[1]}\x1b[0m" : lines[1]);
            _drawn = lines.Length;
        }

        _lastDrawing = time.GetTimestamp();
        error.Write(text.ToString());
        error.Flush();
    }

    // Back to the first column of the first line drawn, then everything below it is erased.
    private void Clear(StringBuilder text)
    {
        if (_drawn > 0)
        {
            text.Append(_drawn > 1 ? $"\r\x1b[{_drawn - 1}A\x1b[J" : "\r\x1b[J");
            _drawn = 0;
        }
    }
}
