using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Transfers.Sessions;

// A session that is to hold begins no other chunk. Those on their way arrive and are made durable, so that the next session need not send them again.
internal sealed partial class SourceSession
{
    private const string AskedToEnd = "The coordinator asked for the end.";

    // When it was asked to hold; null while it works.
    private long? _drainingSince;
    private int _chunksAtDrain;
    private bool _isDrained;

    private bool IsDraining => _drainingSince is not null;

    private void Drain()
    {
        if (IsDraining)
        {
            return;   // The coordinator repeats its command, and the destination asks as well.
        }

        TransferMeters.StopSignals.Add(1);
        _drainingSince = Services.Time.GetTimestamp();
        _chunksAtDrain = _ledger.InFlight.Count;
        Timers.StartSingleTimer(SessionProtocol.DrainOver.Instance, SessionProtocol.DrainOver.Instance, Policies.Drain.Limit);
        EndWhenDrained();
    }

    private void EndWhenDrained()
    {
        if (IsDraining && _ledger.InFlight.Count == 0)
        {
            EndDrained();
        }
    }

    private void EndDrained()
    {
        if (_isDrained)
        {
            return;   // What follows the end in the same turn may come here again.
        }

        _isDrained = true;
        TimeSpan drained = Services.Time.GetElapsedTime(_drainingSince!.Value);
        TransferMeters.DrainTime.Record(drained.TotalSeconds);
        int left = _ledger.InFlight.Count;
        if (_chunksAtDrain > 0)
        {
            Note("drained", left == 0
                ? $"{_chunksAtDrain} chunks that were on their way arrived within {drained.TotalSeconds:0.###} s."
                : $"{left} of {_chunksAtDrain} chunks that were on their way had not arrived after {drained.TotalSeconds:0.###} s; they are sent again.");
        }

        foreach (Peers.ConnectionHandle connection in Connections.Values)
        {
            connection.Send(Frame(FrameType.Stop, new StopBody(StopCode.Suspended, Reason.None, AskedToEnd).ToArray()));
        }

        End(SessionEnd.Suspended, new Problem(Reason.Cancelled, AskedToEnd));
    }
}
