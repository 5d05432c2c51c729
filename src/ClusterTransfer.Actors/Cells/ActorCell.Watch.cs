namespace ClusterTransfer.Actors;

/// <content>Death watch: who this actor watches, and who watches it.</content>
internal sealed partial class ActorCell
{
    private Dictionary<IActorRef, object?>? _watching;         // watched actor, and the message chosen in its place (or null)
    private Dictionary<IActorRef, object?>? _terminatedQueued; // died, and Terminated waits in the mailbox
    private List<InternalActorRef>? _watchedBy;

    public IActorRef Watch(IActorRef subject) => WatchWithMessage(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return WatchWithMessage(subject, message);
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        if (_watching?.Remove(subject) == true) { ((InternalActorRef)subject).SendSystemMessage(new UnwatchMessage(Self)); }
        _terminatedQueued?.Remove(subject);
        return subject;
    }

    /// <summary>A stashed Terminated comes back: it must be accepted once more.</summary>
    public void ExpectQueuedTerminated(IActorRef subject, object? chosen) => (_terminatedQueued ??= [])[subject] = chosen;

    private IActorRef WatchWithMessage(IActorRef subject, object? chosen)
    {
        ArgumentNullException.ThrowIfNull(subject);
        if (ReferenceEquals(subject, Self)) { return subject; }
        _watching ??= [];
        if (_watching.TryGetValue(subject, out object? before))
        {
            if (!Equals(before, chosen))
            {
                throw new InvalidOperationException($"{Self.Path} watches {subject.Path} already, with another message; unwatch it first.");
            }
            return subject;
        }
        _watching.Add(subject, chosen);
        ((InternalActorRef)subject).SendSystemMessage(new WatchMessage((InternalActorRef)subject, Self));
        return subject;
    }

    private void AddWatcher(InternalActorRef watcher)
    {
        _watchedBy ??= [];
        if (!_watchedBy.Contains(watcher)) { _watchedBy.Add(watcher); }
    }

    private void RemoveWatcher(InternalActorRef watcher) => _watchedBy?.Remove(watcher);

    /// <summary>Queues Terminated for a watched actor; a child's name becomes free before that message is handled.</summary>
    private void OnDeath(InternalActorRef actor)
    {
        if (_watching is not null && _watching.Remove(actor, out object? chosen) && !IsTerminating)
        {
            ExpectQueuedTerminated(actor, chosen);
            Self.Post(new Terminated(actor), actor);
        }
        if (actor is LocalActorRef child && RemoveChild(child)) { OnChildGone(); }
    }

    /// <summary>False when the actor was unwatched after its Terminated was queued.</summary>
    private bool TakeQueuedTerminated(IActorRef subject, out object? chosen)
    {
        chosen = null;
        return _terminatedQueued is not null && _terminatedQueued.Remove(subject, out chosen);
    }

    private void TellWatchers()
    {
        if (_watchedBy is null) { return; }
        foreach (InternalActorRef watcher in _watchedBy)
        {
            // The parent has heard already, as parent.
            if (!ReferenceEquals(watcher, ParentRef)) { watcher.SendSystemMessage(new DeathWatchNotification(Self)); }
        }
        _watchedBy = null;
    }

    private void UnwatchAll()
    {
        if (_watching is not null)
        {
            foreach (IActorRef subject in _watching.Keys) { ((InternalActorRef)subject).SendSystemMessage(new UnwatchMessage(Self)); }
        }
        _watching = null;
        _terminatedQueued = null;
    }
}
