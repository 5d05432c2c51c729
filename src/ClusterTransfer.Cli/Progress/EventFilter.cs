using ClusterTransfer.Cli.Output;
using ClusterTransfer.Client;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Progress;

/// <summary>Chooses the events that deserve a line, so that a bad link cannot flood a terminal.</summary>
internal sealed class EventFilter
{
    private const int LinesPerKind = 20;
    private readonly Dictionary<string, int> _shown = [];

    /// <summary>The line for an event; null for one that is passing, that the summary will tell, or that is one too many of its kind.</summary>
    public string? LineFor(TransferEvent item)
    {
        if (item.Sequence == 0 || (item.Transfer.State.IsTerminal() && item.Sequence >= item.Transfer.LastEvent))
        {
            return null;
        }

        int count = _shown[item.Kind] = _shown.GetValueOrDefault(item.Kind) + 1;
        return count < LinesPerKind ? TransferText.EventLine(item)
            : count == LinesPerKind ? $"{TransferText.EventLine(item)} (further {PathText.Escape(item.Kind)} events are not shown)"
            : null;
    }

    public static string LineFor(WatchNotice notice) => notice.Kind == WatchNoticeKind.Lost
        ? $"lost the node, retrying... ({PathText.EscapeControls(notice.Problem?.Detail ?? "no reason given")})"
        : $"back after {Units.Duration(notice.Outage)}";
}
