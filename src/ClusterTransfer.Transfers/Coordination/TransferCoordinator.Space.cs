using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

// A disk that ran full in mid-transfer: nothing is sent and nothing is given up until what is missing fits again.
internal sealed partial class TransferCoordinator
{
    private bool _waitsForSpace;

    // Asked at a fixed pace and without end: a full disk says nothing against the transfer, and only a person can make room.
    private void WaitForSpace(Problem problem)
    {
        if (!_waitsForSpace)
        {
            _waitsForSpace = true;
            LogEvent("waiting-for-space", $"Waiting for space, asked for again every {_services.Options.SpaceRetry.TotalSeconds:0.#} s: {problem.Detail}");
        }

        _view.Waiting = problem;
        _retry.Reset();
        Become(Queued);
        _view.NextRetryAt = _services.Time.GetUtcNow() + _services.Options.SpaceRetry;
        Timers.StartSingleTimer(CoordinationProtocol.NextSession.Instance, CoordinationProtocol.NextSession.Instance, _services.Options.SpaceRetry);
        Show();
    }

    // Both ends have opened, and the destination opens only when what is missing fits.
    private void OnSpaceReturned()
    {
        if (_waitsForSpace)
        {
            _waitsForSpace = false;
            _view.Waiting = null;
            LogEvent("space-returned", "There is enough space again; the transfer goes on.");
        }
    }
}
