using System.Net;
using ClusterTransfer.Model;

namespace ClusterTransfer.Transport.Connections;

/// <summary>Somebody who came to the data port and was not let in.</summary>
/// <param name="Remote">Its address; null when it was gone at once.</param>
/// <param name="Node">Its proven node name; null when it proved none.</param>
/// <param name="Problem">Why.</param>
public sealed record RefusedPeer(EndPoint? Remote, NodeId? Node, Problem Problem);
