using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

// The wish of the queue beside this transfer's own. Neither changes the other: when the queue goes on, each transfer goes back to what was wanted of it alone.
internal sealed partial class TransferCoordinator
{
    // What was acted on last.
    private bool _heldByQueue;

    private bool IsHeld => _record.PauseRequested || _services.Queue.IsPaused;

    private Problem? WhyHeld => _record.PauseRequested || !_services.Queue.IsPaused
        ? null
        : new Problem(Reason.QueuePaused, "All transfers hold, because the queue is paused.");

    private void OnQueueChanged()
    {
        if (_record.Submitted is null || _record.Ended is not null || _record.DestinationDone is not null || _record.CancelRequested)
        {
            return;   // It has no use for a session any more, or needs its end.
        }

        if (_record.PauseRequested)
        {
            _heldByQueue = _services.Queue.IsPaused;
            Show();
        }
        else if (_services.Queue.IsPaused != _heldByQueue)
        {
            _retry.Reset();
            _view.NextRetryAt = null;
            _view.Waiting = null;
            LogEvent(
                _services.Queue.IsPaused ? "queue-paused" : "queue-resumed",
                _services.Queue.IsPaused ? "Pausing, because the queue was paused." : "Going on, because the queue was resumed.");
            Proceed();
        }
        else if (!IsHeld && !Timers.IsTimerActive(CoordinationProtocol.NextSession.Instance))
        {
            GiveSession();   // The queue has just become known.
        }
    }
}
