namespace ClusterTransfer.Actors;

/// <summary>Finds the actors of a selection. Runs on the sender's thread: the tables of children may be read from anywhere.</summary>
internal static class Selections
{
    /// <summary>A selection by text: an absolute path starts at the root, with or without the address; any other at <paramref name="from"/>.</summary>
    public static ActorSelection Find(ActorSystem system, LocalActorRef from, string actorPath)
    {
        ArgumentNullException.ThrowIfNull(actorPath);
        if (Address.TryParse(actorPath, out Address? address, out ReadOnlySpan<char> rest))
        {
            // An address elsewhere has nobody here; it must not fall on an actor of ours with the same path.
            IActorRef anchor = address == system.Root.Path.Address ? system.Root : new MissingActorRef(system, new RootActorPath(address));
            return new ActorSelection(system, anchor, Parse(rest.ToString()));
        }
        return new ActorSelection(system, actorPath.StartsWith('/') ? system.Root : from, Parse(actorPath));
    }

    /// <exception cref="ArgumentException"><c>**</c> stands elsewhere than at the end.</exception>
    public static SelectionPathElement[] Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        int uid = path.IndexOf('#', StringComparison.Ordinal);
        SelectionPathElement[] elements =
            [.. (uid < 0 ? path : path[..uid]).Split('/', StringSplitOptions.RemoveEmptyEntries).Select(SelectionPathElement.From)];
        return elements.Take(elements.Length - 1).Any(element => element is SelectChildRecursive)
            ? throw new ArgumentException($"In the selection '{path}', ** must be the last element.", nameof(path))
            : elements;
    }

    /// <summary>The path a selection without wildcards means.</summary>
    /// <exception cref="NotSupportedException">It has wildcards.</exception>
    public static ActorPath SinglePath(ActorSelection selection) =>
        selection.Path.Any(element => element is SelectChildPattern or SelectChildRecursive)
            ? throw new NotSupportedException($"{selection} has wildcards; a delivery has one destination.")
            : PathOf(selection);

    public static void Deliver(ActorSystem system, ActorSelection selection, object message, IActorRef? sender)
    {
        bool isFanOut = selection.Path.Any(element => element is SelectChildPattern or SelectChildRecursive);
        int delivered = 0;
        foreach (IActorRef found in Walk(system, selection.Anchor, selection.Path))
        {
            found.Tell(message, sender);
            delivered++;
        }
        if (delivered > 0) { return; }
        if (message is Identify identify) { sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender); }
        else if (!isFanOut) { system.PublishDeadLetter(message, sender, new MissingActorRef(system, PathOf(selection))); }
    }

    private static IEnumerable<IActorRef> Walk(ActorSystem system, IActorRef anchor, SelectionPathElement[] path)
    {
        if (anchor is MissingActorRef) { return []; }
        IEnumerable<IActorRef> here = [anchor];
        foreach (SelectionPathElement element in path)
        {
            here = here.SelectMany(actor => Step(system, actor, element)).ToArray();
        }
        return here;
    }

    private static IEnumerable<IActorRef> Step(ActorSystem system, IActorRef from, SelectionPathElement element)
    {
        if (from is not LocalActorRef actor) { return []; }
        switch (element)
        {
            case SelectParent:
                return [actor.Cell.ParentRef is LocalActorRef parent ? parent : actor]; // above the root is the root
            case SelectChildName byName:
                if (ReferenceEquals(actor, system.Root) && byName.Name == system.DeadLetters.Path.Name) { return [system.DeadLetters]; }
                IActorRef child = actor.Cell.Child(byName.Name);
                return child.IsNobody() ? [] : [child];
            case SelectChildPattern pattern:
                return actor.Cell.ChildrenSnapshot().Where(one => pattern.Fits(one.Path.Name));
            default:
                return Descendants(actor);
        }
    }

    private static List<IActorRef> Descendants(LocalActorRef top)
    {
        var all = new List<IActorRef>();
        var open = new Queue<LocalActorRef>([top]);
        while (open.TryDequeue(out LocalActorRef? next))
        {
            foreach (LocalActorRef child in next.Cell.ChildrenSnapshot())
            {
                all.Add(child);
                open.Enqueue(child);
            }
        }
        return all;
    }

    private static ActorPath PathOf(ActorSelection selection)
    {
        ActorPath path = selection.Anchor.Path;
        foreach (SelectionPathElement element in selection.Path) { path = element is SelectParent ? path.Parent ?? path : path / element.ToString()!; }
        return path;
    }

    /// <summary>Stands for a path without an actor.</summary>
    private sealed class MissingActorRef(ActorSystem system, ActorPath path) : InternalActorRef
    {
        public override ActorPath Path { get; } = path;

        public override bool IsTerminated => true;

        public override void SendSystemMessage(SystemMessage message) => AnswerForTheDead(this, message);

        protected override void TellInternal(object message, IActorRef? sender) => system.PublishDeadLetter(message, sender, this);
    }
}
