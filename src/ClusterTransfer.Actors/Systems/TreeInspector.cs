namespace ClusterTransfer.Actors;

/// <summary>Reads the tree from outside: no messages, no waiting, only the short lock of each table of children.</summary>
internal static class TreeInspector
{
    public static ActorSnapshot Inspect(LocalActorRef root)
    {
        var top = new List<ActorSnapshot>(1);
        // Not recursive: the depth of the tree belongs to the users. Each entry says in which list its snapshot goes.
        var open = new Stack<(LocalActorRef Actor, string Path, List<ActorSnapshot> Siblings)>();
        open.Push((root, root.Path.ToStringWithoutAddress(), top));
        while (open.TryPop(out (LocalActorRef Actor, string Path, List<ActorSnapshot> Siblings) next))
        {
            ActorCell cell = next.Actor.Cell;
            LocalActorRef[] children = cell.ChildrenSnapshot();
            var below = new List<ActorSnapshot>(children.Length);
            next.Siblings.Add(new ActorSnapshot(
                next.Path, cell.Props.Type.Name, cell.StateName, cell.Mailbox.Depth, cell.Restarts, cell.LastFailure, below));
            string prefix = next.Path == "/" ? "/" : next.Path + "/";
            for (int index = children.Length - 1; index >= 0; index--) { open.Push((children[index], prefix + children[index].Path.Name, below)); }
        }
        return top[0];
    }
}
