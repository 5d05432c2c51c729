namespace ClusterTransfer.Transfers.Peers;

/// <summary>How a node keeps connections to a peer; HOCON section <c>cluster-transfer.data-plane</c>.</summary>
public sealed record PeerOptions
{
    /// <summary>Data connections to one peer, shared by its sessions. 1 to 16.</summary>
    public int MaxConnections { get; init; } = 16;

    /// <summary>First pause after a dial failed; doubles up to <see cref="RedialMax"/>, with jitter.</summary>
    public TimeSpan RedialMin { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest pause between dials.</summary>
    public TimeSpan RedialMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long connections without a session stay warm.</summary>
    public TimeSpan IdleClose { get; init; } = TimeSpan.FromMinutes(1);
}
