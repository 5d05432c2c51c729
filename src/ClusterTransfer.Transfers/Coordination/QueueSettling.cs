using ClusterTransfer.Actors;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Answers a wish for the queue once each coordinator has acted on it: whoever counts after the answer must not count what was before the wish.</summary>
/// <remarks>A part of <see cref="CoordinatorsActor"/>. Who stops meanwhile is not waited for, and nobody longer than <see cref="CoordinationOptions.QueueSettleLimit"/>:
/// a journal that hangs must not keep a wish that is journaled from being answered.</remarks>
internal sealed class QueueSettling(CoordinationServices services)
{
    // Each asks every coordinator.
    private const int MaxAtOnce = 64;

    private readonly Dictionary<long, (IActorRef ReplyTo, HashSet<IActorRef> Missing)> _wishes = [];
    private long _last;

    /// <summary>Asks all coordinators; refuses when too many wishes wait already.</summary>
    /// <returns>What to say to <see cref="OnOverdue"/> when the limit has passed; null when the wish is answered already.</returns>
    public Overdue? Begin(IActorRef replyTo, IEnumerable<IActorRef> coordinators)
    {
        HashSet<IActorRef> missing = [.. coordinators];
        if (missing.Count == 0)
        {
            Answer(replyTo, 0);
            return null;
        }

        if (_wishes.Count >= MaxAtOnce)
        {
            replyTo.Tell(new CoordinationProtocol.Refused(new Problem(Reason.LimitReached, "The wish is journaled, but too many others wait for what it does; come again.")));
            return null;
        }

        var seen = new CoordinationProtocol.QueueSeen(++_last);
        _wishes[seen.Wish] = (replyTo, missing);
        foreach (IActorRef coordinator in missing)
        {
            coordinator.Tell(seen);
        }

        return new Overdue(seen.Wish);
    }

    /// <summary>A coordinator has acted.</summary>
    public void OnSeen(CoordinationProtocol.QueueSeen seen, IActorRef coordinator) => Remove(seen.Wish, coordinator);

    /// <summary>A coordinator has stopped: what it shows is gone.</summary>
    public void OnStopped(IActorRef coordinator)
    {
        foreach (long wish in _wishes.Keys.ToArray())
        {
            Remove(wish, coordinator);
        }
    }

    /// <summary>The limit has passed.</summary>
    public void OnOverdue(Overdue overdue)
    {
        if (_wishes.Remove(overdue.Wish, out (IActorRef ReplyTo, HashSet<IActorRef> Missing) wish))
        {
            Answer(wish.ReplyTo, wish.Missing.Count);
        }
    }

    private void Remove(long number, IActorRef coordinator)
    {
        if (_wishes.TryGetValue(number, out (IActorRef ReplyTo, HashSet<IActorRef> Missing) wish) && wish.Missing.Remove(coordinator) && wish.Missing.Count == 0)
        {
            _wishes.Remove(number);
            Answer(wish.ReplyTo, 0);
        }
    }

    private void Answer(IActorRef replyTo, int missing)
    {
        if (missing > 0)
        {
            services.Log.QueueNotSettled(missing, services.Options.QueueSettleLimit.TotalSeconds);
        }

        replyTo.Tell(CoordinationProtocol.QueueAnswered.Instance);
    }

    /// <summary>Time is over for this wish.</summary>
    public sealed record Overdue(long Wish);
}
