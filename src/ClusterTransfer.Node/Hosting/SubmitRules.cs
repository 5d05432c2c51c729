using ClusterTransfer.Bus;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Node.Hosting;

/// <summary>Turns what a user submitted into a request, or says what is wrong with it before anything is journaled.</summary>
internal static class SubmitRules
{
    private const int MaxConnections = 16;

    /// <summary>Checks and completes a submission.</summary>
    /// <exception cref="ClusterTransferException">Names the field, the value and the remedy.</exception>
    public static (TransferRequest Request, string ResultName) Check(SubmitTransfer body, IReadOnlyList<Member> members, IReadOnlyList<KnownMember> known)
    {
        TransferAddress source = AddressOf(body.Source, "source");
        TransferAddress destination = AddressOf(body.Destination, "destination");
        if (body.Connections is < 1 or > MaxConnections)
        {
            throw new ClusterTransferException(Reason.InvalidRequest, $"connections: want 1 to {MaxConnections}; got {body.Connections}.");
        }

        if (!TransferWeight.IsValid(body.Weight))
        {
            throw new ClusterTransferException(Reason.InvalidRequest, $"weight: want {TransferWeight.Min} to {TransferWeight.Max}; got {body.Weight}.");
        }

        CheckLimit(body.Limit);
        string resultName = body.As ?? DefaultName(source);
        if (!SafeRelativePath.TryParse(resultName, out SafeRelativePath? name, out string? problem) || name.IsEmpty || name.Bytes.Contains((byte)'/'))
        {
            throw new ClusterTransferException(
                Reason.InvalidRequest, $"as: '{PathText.Escape(resultName)}' is no name for a file or folder{(problem is null ? string.Empty : $": {problem}")}.");
        }

        MemberLocation from = LocationOf(source.Location, members, known);
        MemberLocation into = LocationOf(destination.Location, members, known);
        if (into.ReadOnly)
        {
            throw new ClusterTransferException(
                Reason.DestinationNotWritable, $"Location '{into.Name}' is read-only.");
        }

        if ((from.Problem ?? into.Problem) is { } unusable)
        {
            throw new ClusterTransferException(unusable);
        }

        if (source.Location == destination.Location && destination.Path.Combine(name).IsWithin(source.Path))
        {
            throw new ClusterTransferException(
                Reason.InvalidRequest, $"'{body.Source}' cannot be copied into itself at '{destination}/{PathText.Escape(resultName)}'.");
        }

        return (new TransferRequest(source, destination)
        {
            ResultName = resultName,
            Conflict = body.Conflict,
            Durability = body.Durability,
            Connections = body.Connections,
            ConnectionPolicy = body.ConnectionPolicy,
            Limit = body.Limit,
            Weight = body.Weight,
        }, resultName);
    }

    /// <summary>Checks a limit.</summary>
    /// <exception cref="ClusterTransferException">It is out of range.</exception>
    public static void CheckLimit(long? limit)
    {
        if (!RateLimit.IsValid(limit))
        {
            throw new ClusterTransferException(
                Reason.InvalidRequest, $"limit: want {RateLimit.Min} to {RateLimit.Max} bytes per second, or null for no limit; got {limit}.");
        }
    }

    /// <summary>Checks the limit of a node.</summary>
    /// <exception cref="ClusterTransferException">It is out of range, a node is unknown, or is too old to hold to it.</exception>
    public static void CheckNodeLimit(NodeId node, LimitNode limit, IReadOnlyList<Member> members, IReadOnlyList<KnownMember> known)
    {
        CheckLimit(limit.Limit);
        foreach (NodeId name in limit.Peer is { } peer ? [node, peer] : new[] { node })
        {
            // To take a limit away is never wrong: it may be that of a node which is gone for good.
            if (limit.Configured is not true && !known.Any(one => one.Member.Node == name))
            {
                throw new ClusterTransferException(Reason.NodeUnreachable, $"No node '{name}' was ever connected to this hub, or not lately.");
            }
        }

        if (limit.Peer == node)
        {
            throw new ClusterTransferException(Reason.InvalidRequest, $"peer: want another node; got '{node}' itself.");
        }

        if (members.FirstOrDefault(member => member.Node == node) is { } connected && !NodeLimitDelivery.Knows(connected))
        {
            throw new ClusterTransferException(
                Reason.VersionMismatch, $"Node '{node}' has version {PathText.Escape(connected.Version)}, which cannot be limited while it runs.");
        }
    }

    private static TransferAddress AddressOf(string text, string field) =>
        TransferAddress.TryParse(text, out TransferAddress? address, out string? problem)
            ? address
            : throw new ClusterTransferException(Reason.InvalidRequest, $"{field}: {problem}");

    private static string DefaultName(TransferAddress source) =>
        source.Path.IsEmpty ? source.Location.Value : System.Text.Encoding.UTF8.GetString(source.Path.Name);

    private static MemberLocation LocationOf(LocationName name, IReadOnlyList<Member> members, IReadOnlyList<KnownMember> known)
    {
        foreach (Member member in members)
        {
            if (member.Locations.FirstOrDefault(location => location.Name == name) is { } location)
            {
                return location;
            }
        }

        foreach (KnownMember member in known)
        {
            if (member.Member.Locations.Any(location => location.Name == name))
            {
                throw new ClusterTransferException(
                    Reason.NodeUnreachable, $"Location '{name}' is served by node '{member.Member.Node}', which is not connected since {member.LastSeen:u}.");
            }
        }

        throw new ClusterTransferException(
            Reason.LocationUnknown, $"No node serves a location '{name}'.");
    }
}
