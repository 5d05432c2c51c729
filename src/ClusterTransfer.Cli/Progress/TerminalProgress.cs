using System.Text;
using ClusterTransfer.Cli.Output;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Progress;

/// <summary>Two lines at the bottom of a terminal that change in place; events scroll by above them. Without escape sequences it is one line.</summary>
internal sealed class TerminalProgress : ITransferProgress
{
    private readonly TextWriter _error;
    private readonly Func<int> _width;
    private readonly bool _useEscapes;
    private readonly EventFilter _filter = new();
    private readonly Pacer _pacer;
    private readonly StringBuilder _text = new();
    private TransferResource? _transfer;
    private string[] _drawn = [];
    private bool _isLost;

    /// <param name="error">The terminal.</param>
    /// <param name="width">Its width now; asked at every drawing, since windows change.</param>
    /// <param name="time">Clock.</param>
    /// <param name="useEscapes">Whether colours and cursor movement are wanted.</param>
    public TerminalProgress(TextWriter error, Func<int> width, TimeProvider time, bool useEscapes)
    {
        (_error, _width, _useEscapes) = (error, width, useEscapes);
        _pacer = new Pacer(time, Draw);
    }

    public void Show(TransferEvent item)
    {
        string? line = _filter.LineFor(item);
        _pacer.Change(() => (_transfer, _) = (item.Transfer, Scroll(line)), atOnce: line is not null);
    }

    public void Show(WatchNotice notice) => _pacer.Change(
        () => (_isLost, _) = (notice.Kind == WatchNoticeKind.Lost, Scroll(EventFilter.LineFor(notice))), atOnce: true);

    public void End() => _pacer.End(() =>
    {
        Clear();
        Flush();
    });

    public void Dispose() => End();

    // A line of the story is printed at once; the numbers follow it in the same write, so that nothing else of ours lands in the middle.
    private bool Scroll(string? line)
    {
        if (line is not null)
        {
            Clear();
            _text.Append(line).Append('\n');
        }

        return line is not null;
    }

    private void Draw()
    {
        Clear();
        if (_transfer is { } transfer && !transfer.State.IsTerminal())
        {
            string[] lines = ProgressView.Lines(transfer, _width(), _isLost);
            if (_useEscapes)
            {
                _text.Append(lines[0]).Append('\n').Append($"\x1b[2m{lines[1]}\x1b[0m");
                _drawn = lines;
            }
            else
            {
                // Of one line the reason why nothing moves is worth more than the numbers that do not change.
                string line = _isLost || transfer.Problem is not null ? lines[1] : lines[0];
                _text.Append(line);
                _drawn = [line];
            }
        }

        Flush();
    }

    // With escapes: to the first column of the first line drawn, and everything below it is erased. Without: the one line is written over.
    private void Clear()
    {
        if (_drawn.Length > 0)
        {
            _text.Append(!_useEscapes ? $"\r{new string(' ', TextWidth.Of(_drawn[0]))}\r"
                : _drawn.Length > 1 ? $"\r\x1b[{_drawn.Length - 1}A\x1b[J"
                : "\r\x1b[J");
            _drawn = [];
        }
    }

    private void Flush()
    {
        _error.Write(_text.ToString());
        _error.Flush();
        _text.Clear();
    }
}
