using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

// How fast it may send. Journaled, so that every later session begins with it; the one that runs is told until its reports say that it knows.
internal sealed partial class TransferCoordinator
{
    private Epoch _limitJudgedIn;

    private void OnLimit(CoordinationProtocol.Limit wish)
    {
        IActorRef replyTo = Sender;
        if (_record.Submitted is null)
        {
            RefuseUnknown(replyTo);
        }
        else if (_record.Ended is { } ended)
        {
            Refuse(replyTo, $"Transfer {_id} is {ended.State}; it cannot be limited.");
        }
        else if (_record.Limit == wish.BytesPerSecond)
        {
            replyTo.Tell(new CoordinationProtocol.Accepted(_view.Resource));
        }
        else
        {
            long? before = _record.Limit;
            Persist(new TransferEvents.LimitChanged(wish.BytesPerSecond, Now), changed =>
            {
                _record.Apply(changed);
                LogEvent(
                    "limit-changed",
                    $"The limit of the transfer was {RateLimit.Text(before)} and is {RateLimit.Text(changed.Limit)}.",
                    EventData.Of(("before", (object?)before ?? RateLimit.None), ("after", (object?)changed.Limit ?? RateLimit.None)));
                Show();
                if (_record.Session is { } session)
                {
                    SendLimit(session);
                    JudgeLimit(session);
                }

                replyTo.Tell(new CoordinationProtocol.Accepted(_view.Resource));
            });
        }
    }

    // It is the limit of others as well; who reads the events of this one wonders why its rate changed.
    private void OnNodeLimitChanged(CoordinationProtocol.NodeLimitChanged changed)
    {
        if (_record.Ended is null && _record.Session is { } session && session.Source == changed.Node && (changed.Peer is null || changed.Peer == session.Destination))
        {
            LogEvent("node-limit-changed", changed.Text, changed.Data);
            Show();
        }
    }

    // A source that is older sends as fast as it can, and does not say so. Whether it knows limits it says when it registers.
    private void JudgeLimit(TransferEvents.SessionGiven session)
    {
        Member? source = _members.FirstOrDefault(member => member.Node == session.Source && member.Incarnation == session.SourceIncarnation);
        NodeId? before = _view.LimitIgnoredBy;
        _view.LimitIgnoredBy = _record.Limit is not null && source is not null && !source.Abilities.Contains(MemberAbilities.TransferLimits) ? session.Source : null;
        if (_view.LimitIgnoredBy is { } node && (before is null || _limitJudgedIn != session.Epoch))
        {
            LogEvent(
                "limit-ignored",
                $"The limit of the transfer ({RateLimit.Text(_record.Limit)}) may not hold: node {node}, which sends it, has version {PathText.Escape(source!.Version)} and does not say that it knows limits. Upgrade it.",
                EventData.Of(("node", node.Value), ("version", PathText.Escape(source.Version)), ("limit", _record.Limit)));
            Show();
        }

        _limitJudgedIn = session.Epoch;
    }

    // What was sent may be lost, and a session that opens just now may have been told what held before.
    private void TellLimit(TransferEvents.SessionGiven session, long? known)
    {
        if (known != _record.Limit)
        {
            SendLimit(session);
        }
    }

    private void SendLimit(TransferEvents.SessionGiven session) => SendTo(session.Source, new LimitSession(_id, session.Epoch) { Limit = _record.Limit });
}
