namespace ClusterTransfer.Transfers.Sessions;

/// <summary>The right of one session to give files their final names. A process that did not run for a while has lost it until the coordinator confirms the session.</summary>
/// <remarks>Needs nobody while the process runs: a hub that is away takes it from nobody. Any thread may ask.</remarks>
internal sealed class PublicationPermit(LifeWatch life)
{
    // A process that ran all the time has it from the start.
    private int _confirmed;
    private bool _isWithdrawn;

    /// <summary>The gap that nobody has confirmed the session after; null when it may publish.</summary>
    public int? Doubt
    {
        get
        {
            int gaps = life.Gaps;
            return gaps == Volatile.Read(ref _confirmed) ? null : gaps;
        }
    }

    /// <summary>Whether it may publish now.</summary>
    public bool IsGood => !Volatile.Read(ref _isWithdrawn) && Doubt is null;

    /// <summary>From now on nothing may be published, whatever is confirmed: the transfer is cancelled.</summary>
    public void Withdraw() => Volatile.Write(ref _isWithdrawn, true);

    /// <summary>The coordinator has confirmed the session after that gap; a later one is not confirmed by it.</summary>
    public void Confirm(int gap)
    {
        if (gap == life.Gaps)
        {
            Volatile.Write(ref _confirmed, gap);
        }
    }
}
