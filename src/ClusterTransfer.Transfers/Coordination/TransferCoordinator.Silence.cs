using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Transfers.Coordination;

// A session whose ends do not report: they are asked, waited for, or left.
internal sealed partial class TransferCoordinator
{
    private void AskTheSilent()
    {
        // A repeat of the command is answered by a live session and refused by a node that lost it.
        if (_services.Time.GetElapsedTime(_sourceHeardAt) > _services.Options.SilenceLimit)
        {
            Send(OpenFor(SessionRole.Source));
        }

        if (_services.Time.GetElapsedTime(_destinationHeardAt) > _services.Options.SilenceLimit)
        {
            Send(OpenFor(SessionRole.Destination));
        }
    }

    // A destination that is only silent may live behind a broken link, receive and publish: it is waited for. Once another node serves its location, the hub does not
    // let it in again, so nobody would ever hear how it ended, and what it publishes is not where the location's name leads. A source is waited for in any case:
    // another node's list of it would be another manifest.
    private bool LeaveTheAbsent()
    {
        if (_record.Session is not { } session || _services.Time.GetElapsedTime(_destinationHeardAt) <= _services.Options.SilenceLimit
            || _members.Any(member => member.Node == session.Destination) || Serving(Request.Destination.Location) is not { } successor)
        {
            return false;
        }

        Break(
            new Problem(Reason.SessionLost, $"Node {session.Destination} is silent, and node {successor.Node} serves location '{Request.Destination.Location}' now."),
            atOnce: true);
        return true;
    }
}
