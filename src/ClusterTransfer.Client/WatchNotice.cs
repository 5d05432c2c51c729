using ClusterTransfer.Model;

namespace ClusterTransfer.Client;

/// <summary>What happened to the link of a watch; the transfer itself is not touched by it.</summary>
/// <param name="Kind">Lost or back.</param>
/// <param name="Problem">Why it was lost; null when it is back.</param>
/// <param name="Outage">How long it was away; zero when it was lost.</param>
public sealed record WatchNotice(WatchNoticeKind Kind, Problem? Problem, TimeSpan Outage);

/// <summary>What a <see cref="WatchNotice"/> says.</summary>
public enum WatchNoticeKind
{
    /// <summary>The node does not answer any more; said once per outage.</summary>
    Lost,

    /// <summary>It answers again.</summary>
    Back,
}
