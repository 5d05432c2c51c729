namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Where a chunk stands at the source; each is in exactly one of these.</summary>
internal enum ChunkState
{
    /// <summary>Its page is not taken up, or all of it is settled and forgotten.</summary>
    Unknown,

    /// <summary>To be sent, for the first time or again, as soon as there is room.</summary>
    Pending,

    /// <summary>Its last attempt failed; it is pending again after a pause.</summary>
    Waiting,

    /// <summary>With a connection: being read, sent, or on the way to be acknowledged.</summary>
    InFlight,

    /// <summary>Received by the destination, or not wanted any more.</summary>
    Settled,

    /// <summary>Given up at the limit of attempts, with evidence; taken up again only by hand.</summary>
    Parked,
}
