using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;

namespace ClusterTransfer.Bus;

/// <summary>A message as it arrives.</summary>
/// <param name="From">Who sent it, proven by its TLS certificate; never taken from the message.</param>
/// <param name="Message">What was sent.</param>
public sealed record BusDelivery(NodeId From, BusMessage Message);

/// <summary>Whom a message is for.</summary>
public abstract record BusTarget
{
    private BusTarget()
    {
    }

    /// <summary>A node by name.</summary>
    public sealed record Node(NodeId Id) : BusTarget;

    /// <summary>The coordinator of a transfer, wherever it runs; with the embedded hub that is the hub.</summary>
    public sealed record Coordinator(TransferId Transfer) : BusTarget;

    /// <summary>The hub.</summary>
    public sealed record Hub : BusTarget;
}

/// <summary>A member seen lately.</summary>
/// <param name="Member">What it announced last.</param>
/// <param name="Connected">Whether it is connected now.</param>
/// <param name="LastSeen">When it was last known to be connected, by this node's wall clock; for showing only.</param>
public sealed record KnownMember(Member Member, bool Connected, DateTimeOffset LastSeen);
