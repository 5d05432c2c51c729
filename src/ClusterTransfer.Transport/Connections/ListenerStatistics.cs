namespace ClusterTransfer.Transport.Connections;

/// <summary>Counters of a listener at one moment.</summary>
/// <param name="Accepted">Connections handed to the owner since the start.</param>
/// <param name="Refused">Peers refused since the start.</param>
/// <param name="InHandshake">Peers that have not yet proven who they are.</param>
/// <param name="Open">Accepted connections that are still open.</param>
public readonly record struct ListenerStatistics(long Accepted, long Refused, int InHandshake, int Open);
