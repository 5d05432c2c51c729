using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus.Delivery;

/// <summary>Remembers members after they left, up to a bound: those gone longest are forgotten first.</summary>
internal sealed class KnownMemberList(int maxGone, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, KnownMember> _known = [];

    /// <summary>Takes over who is connected now.</summary>
    public void Update(IReadOnlyList<Member> connected)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            HashSet<NodeId> present = [.. connected.Select(member => member.Node)];
            foreach (KnownMember gone in _known.Values.Where(known => known.Connected && !present.Contains(known.Member.Node)).ToList())
            {
                _known[gone.Member.Node] = gone with { Connected = false, LastSeen = now };
            }

            foreach (Member member in connected)
            {
                _known[member.Node] = new KnownMember(member, Connected: true, now);
            }

            List<KnownMember> absent = [.. _known.Values.Where(known => !known.Connected).OrderBy(known => known.LastSeen)];
            foreach (KnownMember forgotten in absent.Take(Math.Max(0, absent.Count - maxGone)))
            {
                _known.Remove(forgotten.Member.Node);
            }
        }
    }

    /// <summary>Connected and remembered members by name.</summary>
    public IReadOnlyList<KnownMember> Snapshot()
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            return [.. _known.Values
                .Select(known => known.Connected ? known with { LastSeen = now } : known)
                .OrderBy(known => known.Member.Node.Value, StringComparer.Ordinal)];
        }
    }
}
