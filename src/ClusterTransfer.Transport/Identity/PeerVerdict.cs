using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Identity;

/// <summary>What a certificate proves: a node's name, or why it proves nothing.</summary>
/// <param name="Node">The proven name; the default value when refused.</param>
/// <param name="Problem">Why it was refused; null when accepted.</param>
public readonly record struct PeerVerdict(NodeId Node, Problem? Problem)
{
    /// <summary>Whether <see cref="Node"/> is proven.</summary>
    public bool IsAccepted => Problem is null && Node.Value.Length > 0;
}
