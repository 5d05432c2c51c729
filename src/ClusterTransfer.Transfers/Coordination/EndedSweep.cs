using ClusterTransfer.Actors;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Removes transfers that ended long ago from the catalogue, once an hour, a few at a time so that others get their turn at the journal.</summary>
/// <remarks>A part of <see cref="CoordinatorsActor"/>: it alone knows whose coordinators run.</remarks>
internal sealed class EndedSweep(CoordinationServices services)
{
    /// <summary>How often.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    // Within one transaction; each may have 10,000 lines of its log.
    private const int AtOnce = 16;

    // Within one sweep; the next one goes on.
    private const int MaxOfASweep = 4096;

    private int _pruned;
    private bool _isRunning;

    /// <summary>Begins a sweep unless one runs.</summary>
    public void Begin(IActorRef self, IReadOnlyCollection<TransferId> running)
    {
        if (!_isRunning)
        {
            _isRunning = true;
            _pruned = 0;
            Next(self, running);
        }
    }

    /// <summary>Goes on after a part.</summary>
    public void On(SweptSome swept, IActorRef self, IReadOnlyCollection<TransferId> running)
    {
        _pruned += swept.Count;
        if (swept.Error is { } error)
        {
            services.Log.EndedNotPruned(error);
        }

        if (swept.Error is null && swept.Count > 0 && _pruned < MaxOfASweep)
        {
            Next(self, running);
            return;
        }

        _isRunning = false;
        if (_pruned > 0)
        {
            services.Log.EndedPruned(_pruned, services.Options.KeepEnded.TotalDays);
        }
    }

    private void Next(IActorRef self, IReadOnlyCollection<TransferId> running) =>
        services.Catalogue.PruneAsync(services.Expiry.Now - services.Options.KeepEnded, running, AtOnce, CancellationToken.None).PipeTo(
            self, success: count => new SweptSome(count), failure: error => new SweptSome(0, error));

    /// <summary>A part of a sweep is over.</summary>
    public sealed record SweptSome(int Count, Exception? Error = null);

    /// <summary>It is time for a sweep.</summary>
    public sealed record Due
    {
        public static readonly Due Instance = new();
    }
}
