namespace ClusterTransfer.Actors;

/// <content>Children: names, creation, stopping.</content>
internal sealed partial class ActorCell
{
    // The table is locked for each access: the guardian's children are made from any thread, and Inspect reads from any thread.
    private Dictionary<string, LocalActorRef>? _children;
    private long _generatedNames;
    private int _dyingChildren;
    private bool _acceptsChildren = true;

    // The mailbox object lends its monitor: a lock object of its own would cost every idle actor 40 bytes.
    private Mailbox ChildrenLock => Mailbox;

    /// <summary>Set by the parent, under its lock, once it has told this child to stop.</summary>
    public bool IsDying { get; private set; }

    /// <summary>How often this child was restarted in the current window; used by the parent's strategy only.</summary>
    public ChildRestartStats? RestartStats { get; private set; }

    public IActorRef ActorOf(Props props, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(props);
        if (name is not null && !ActorPath.IsValidPathElement(name))
        {
            throw new InvalidActorNameException(
                $"Illegal actor name '{name}': want letters, digits and -_:@&=+,.!~*';$ or %hh, not empty and not starting with $.");
        }
        LocalActorRef child;
        lock (ChildrenLock)
        {
            if (!_acceptsChildren) { throw new InvalidOperationException($"Cannot create a child of {Self.Path} while it stops or after it stopped."); }
            _children ??= new Dictionary<string, LocalActorRef>(StringComparer.Ordinal);
            name ??= GeneratedNames.Of(_generatedNames++);
            if (_children.ContainsKey(name))
            {
                throw new InvalidActorNameException($"Actor name '{name}' is not unique below {Self.Path}.");
            }
            child = new ActorCell(System, props, Self, Self.Path.Child(name, System.NextUid())).Self;
            // Before it can be found: a selection on another thread must not reach it ahead of its creation.
            child.SendSystemMessage(new CreateMessage());
            // A child of a suspended actor is born suspended, so that the later resume or restart finds the same count everywhere.
            for (int level = 0; level < _suspendCount; level++) { child.Suspend(); }
            _children.Add(name, child);
        }
        return child;
    }

    public IActorRef Child(string name)
    {
        lock (ChildrenLock)
        {
            return _children is not null && _children.TryGetValue(name, out LocalActorRef? child) ? child : ActorRefs.Nobody;
        }
    }

    public ActorSelection ActorSelection(string actorPath) => Selections.Find(System, Self, actorPath);

    public ActorSelection ActorSelection(ActorPath actorPath) => System.ActorSelection(actorPath);

    public IEnumerable<IActorRef> GetChildren() => ChildrenSnapshot();

    /// <summary>A copy; any thread.</summary>
    public LocalActorRef[] ChildrenSnapshot()
    {
        lock (ChildrenLock)
        {
            return _children is null ? [] : [.. _children.Values];
        }
    }

    public void Stop(IActorRef child)
    {
        if (child is LocalActorRef local && IsChild(local)) { MarkDying(local); }
        ((InternalActorRef)child).Stop();
    }

    private bool IsChild(LocalActorRef actor)
    {
        lock (ChildrenLock)
        {
            return _children is not null && _children.TryGetValue(actor.Path.Name, out LocalActorRef? child) && ReferenceEquals(child, actor);
        }
    }

    private void MarkDying(LocalActorRef child)
    {
        lock (ChildrenLock)
        {
            if (child.Cell.IsDying) { return; }
            child.Cell.IsDying = true;
            _dyingChildren++;
        }
    }

    /// <summary>False when it was not a child.</summary>
    private bool RemoveChild(LocalActorRef child)
    {
        lock (ChildrenLock)
        {
            if (_children is null || !_children.TryGetValue(child.Path.Name, out LocalActorRef? known) || !ReferenceEquals(known, child)) { return false; }
            _children.Remove(child.Path.Name);
            if (child.Cell.IsDying) { _dyingChildren--; }
            if (_children.Count == 0) { _children = null; }
            return true;
        }
    }

    private void StopAllChildren()
    {
        foreach (LocalActorRef child in ChildrenSnapshot()) { Stop(child); }
    }

    private ChildRestartStats[] AllChildStats() => Array.ConvertAll(ChildrenSnapshot(), StatsOf);

    private static ChildRestartStats StatsOf(LocalActorRef child) => child.Cell.RestartStats ??= new ChildRestartStats(child, child.Cell.System.TimeProvider);
}
