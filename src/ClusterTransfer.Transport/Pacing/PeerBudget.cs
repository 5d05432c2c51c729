namespace ClusterTransfer.Transport.Pacing;

/// <summary>What all transfers to one peer share. Its fields belong to <see cref="SendLimits"/>, and are guarded by its lock.</summary>
internal sealed class PeerBudget
{
    /// <summary>Bytes per second; 0 for no limit.</summary>
    public long Rate { get; set; }

    /// <summary>How many transfers go there.</summary>
    public int Shares { get; set; }

    /// <summary>What is left to give while a pass runs.</summary>
    public double Left { get; set; }

    /// <summary>The weights of those that can still be given something in that pass.</summary>
    public double Open { get; set; }

    /// <summary>How many of them use it.</summary>
    public int Active { get; set; }
}
