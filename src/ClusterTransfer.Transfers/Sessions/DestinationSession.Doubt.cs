using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Sessions;

// A process that did not run for a while does not know whether its session is still the one that counts. It goes on receiving, and gives nothing a final name
// until the coordinator, asked after the gap, has said so.
internal sealed partial class DestinationSession
{
    // Pages that came in doubt: each new one would let more files wait for their names. The source has a few on their way at most, the gate lets no more in.
    private readonly List<SessionProtocol.ControlFrame> _heldPages = [];
    private readonly PublicationPermit _permit;
    private int _doubtNoted;

    protected override void OnReportDue(bool isHeldBack) => HasDoubt();

    // Asks whenever there is doubt: the question may be lost, so it is repeated with each report.
    private bool HasDoubt()
    {
        if (_permit.Doubt is not { } gap)
        {
            return false;
        }

        if (_doubtNoted != gap)
        {
            _doubtNoted = gap;
            Note("publication-held", "The destination did not run for a while. It publishes nothing until the hub has confirmed that the session is still the one that counts.");
        }

        Report(new SessionDoubted(TransferId, Command.Epoch, Command.Role, gap) { Incarnation = Services.Incarnation });
        return true;
    }

    private bool IsConfirmed(SessionProtocol.Confirmed confirmed)
    {
        _permit.Confirm(confirmed.Gap);
        return _permit.IsGood;
    }

    private void AcceptPageUnlessInDoubt(SessionProtocol.ControlFrame frame)
    {
        // Behind those that wait: in the order they came.
        if (_heldPages.Count > 0 || !_permit.IsGood)
        {
            _heldPages.Add(frame);
        }
        else
        {
            AcceptPage(frame);
        }
    }

    private void TakeHeldPages()
    {
        _heldPages.ForEach(AcceptPage);
        _heldPages.Clear();
    }

    // The source sends what nobody answered over another connection.
    private void DropHeldPages(int connection)
    {
        foreach (SessionProtocol.ControlFrame frame in _heldPages.Where(frame => frame.From.Number == connection))
        {
            frame.Place?.Leave();
        }

        _heldPages.RemoveAll(frame => frame.From.Number == connection);
    }
}
