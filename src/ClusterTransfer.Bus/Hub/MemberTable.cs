using ClusterTransfer.Bus.Delivery;
using ClusterTransfer.Bus.Frames;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus;

/// <summary>Who is connected to the hub, by which link. One link for a name; every change is told to all.</summary>
internal sealed class MemberTable
{
    private readonly BusOptions _options;
    private readonly KnownMemberList _known;
    private readonly Lock _lock = new();
    private readonly Dictionary<NodeId, (Member Member, Link Link)> _links = [];
    private readonly HashSet<NodeId> _admitting = [];
    private volatile IReadOnlyList<Member> _members;
    private TaskCompletionSource? _empty;

    public MemberTable(Member self, BusOptions options, TimeProvider time)
    {
        Self = self;
        _options = options;
        _members = [self];
        _known = new KnownMemberList(options.MaxKnownMembers, time);
        _known.Update(_members);
    }

    /// <summary>Raised, outside the lock, after each change.</summary>
    public event Action? Changed;

    public Member Self { get; }

    /// <summary>Everybody, the hub first, then by name.</summary>
    public IReadOnlyList<Member> Members => _members;

    public IReadOnlyList<KnownMember> Known => _known.Snapshot();

    public Link? Find(NodeId node)
    {
        lock (_lock)
        {
            return _links.TryGetValue(node, out (Member, Link Link) entry) ? entry.Link : null;
        }
    }

    /// <summary>Lets a member in; an older link of the same name is tried first when it is of another run.</summary>
    /// <exception cref="ClusterTransferException">Refused, with the reason.</exception>
    public async Task AdmitAsync(Member member, Link link, CancellationToken cancellationToken)
    {
        if (member.Node == Self.Node)
        {
            throw AlreadyConnected(member.Node);
        }

        lock (_lock)
        {
            if (!_admitting.Add(member.Node))
            {
                throw new ClusterTransferException(Reason.LimitReached, $"Another link of node {member.Node} is being admitted at this moment.");
            }
        }

        try
        {
            await MakeWayAsync(member, cancellationToken).ConfigureAwait(false);
            Add(member, link, await DeadOwnersAsync(member, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            lock (_lock)
            {
                _admitting.Remove(member.Node);
            }
        }
    }

    /// <summary>Takes the link's member out, unless a newer link has taken its place.</summary>
    public void Remove(NodeId node, Link link)
    {
        lock (_lock)
        {
            if (!_links.TryGetValue(node, out (Member, Link Link) entry) || entry.Link != link)
            {
                return;
            }

            _links.Remove(node);
            PublishLocked(except: null);
            if (_links.Count == 0)
            {
                _empty?.TrySetResult();
            }
        }

        Changed?.Invoke();
    }

    /// <summary>The first frame for a new member, with everybody in it.</summary>
    public byte[] EncodeWelcome() => FrameCodec.Encode(new Envelope
    {
        Version = FrameCodec.ProtocolVersion,
        Kind = Envelope.Welcome,
        Member = Self,
        Members = [.. _members],
    });

    /// <summary>Completes when no link is left.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock)
        {
            if (_links.Count == 0)
            {
                return Task.CompletedTask;
            }

            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _empty.Task;
        }
    }

    private static ClusterTransferException AlreadyConnected(NodeId node) => new(
        Reason.IdentityRefused, $"Node {node} is already connected: two processes run under one name and certificate.");

    private static byte[] EncodeMembers(List<Member> members) =>
        FrameCodec.Encode(new Envelope { Version = FrameCodec.ProtocolVersion, Kind = Envelope.MembersChanged, Members = members });

    /// <summary>The same run that connects again has lost its old link, whatever that looks like from here; of another run only the living is kept.</summary>
    private async Task MakeWayAsync(Member member, CancellationToken cancellationToken)
    {
        (Member Member, Link Link) old;
        lock (_lock)
        {
            if (!_links.TryGetValue(member.Node, out old))
            {
                return;
            }
        }

        if (old.Member.Incarnation != member.Incarnation && await old.Link.ProbeAsync(cancellationToken).ConfigureAwait(false))
        {
            throw AlreadyConnected(member.Node);
        }

        old.Link.End(new LinkEnd(
            LinkEndReason.Stopped, new Problem(Reason.Superseded, $"Another link of node {member.Node} took the place of this one.")));
    }

    /// <summary>Tries the members that serve a location which this one announces too. Data goes to the node that a location's name leads to,
    /// so a name leads to one node only; one that has just died gives its locations up.</summary>
    /// <returns>Links of such members that do not answer.</returns>
    /// <exception cref="ClusterTransferException">One of them lives.</exception>
    private async Task<List<Link>> DeadOwnersAsync(Member member, CancellationToken cancellationToken)
    {
        List<(Member Member, Link Link)> owners;
        lock (_lock)
        {
            ThrowIfShared(member, Self);
            owners = [.. _links.Values.Where(other => other.Member.Node != member.Node && SharedLocation(member, other.Member) is not null)];
        }

        var dead = new List<Link>();
        foreach ((Member owner, Link link) in owners)
        {
            if (await link.ProbeAsync(cancellationToken).ConfigureAwait(false))
            {
                ThrowIfShared(member, owner);
            }

            link.End(new LinkEnd(LinkEndReason.Stopped, new Problem(Reason.NodeUnreachable, $"Node {owner.Node} did not answer, and node {member.Node} serves its location now.")));
            dead.Add(link);
        }

        return dead;
    }

    private static MemberLocation? SharedLocation(Member one, Member other) =>
        one.Locations.FirstOrDefault(location => other.Locations.Any(taken => taken.Name == location.Name));

    private static void ThrowIfShared(Member member, Member owner)
    {
        if (SharedLocation(member, owner) is { } location)
        {
            throw new ClusterTransferException(
                Reason.InvalidRequest, $"Node {member.Node} announces location '{location.Name}', which node {owner.Node} serves: rename it in the configuration of one of them.");
        }
    }

    private void Add(Member member, Link link, List<Link> dead)
    {
        lock (_lock)
        {
            NodeId[] gone = [.. _links.Values.Where(entry => dead.Contains(entry.Link)).Select(entry => entry.Member.Node)];
            if (gone.Length > 0)
            {
                Array.ForEach(gone, node => _links.Remove(node));
                PublishLocked(except: null);   // known to all, also when the new one is refused below
            }

            foreach (Member other in Others().Where(other => other.Node != member.Node))
            {
                ThrowIfShared(member, other);   // one that came while others were tried
            }

            bool replaces = _links.ContainsKey(member.Node);
            if (!replaces && _links.Count >= _options.MaxMembers)
            {
                throw new ClusterTransferException(Reason.LimitReached, $"The hub has {_links.Count} nodes, as many as bus.max-members allows.");
            }

            List<Member> members = [Self, .. Others().Where(other => other.Node != member.Node), member];
            if (EncodeMembers(members).Length > _options.MaxReplyBytes)
            {
                throw new ClusterTransferException(Reason.LimitReached, "The list of members with this one is larger than the bus carries.");
            }

            _links[member.Node] = (member, link);
            PublishLocked(except: link);
        }

        Changed?.Invoke();
    }

    private IEnumerable<Member> Others() => _links.Values.Select(entry => entry.Member);

    /// <summary>A new link gets the list with its welcome.</summary>
    private void PublishLocked(Link? except)
    {
        List<Member> members = [Self, .. Others().OrderBy(member => member.Node.Value, StringComparer.Ordinal)];
        _members = members;
        _known.Update(members);
        byte[] frame = EncodeMembers(members);
        foreach ((_, Link link) in _links.Values)
        {
            if (link != except)
            {
                link.OfferMembers(frame);
            }
        }
    }
}
