namespace ClusterTransfer.Transfers.Links;

/// <summary>Why a session uses another number of connections than before, or stays with what it tried.</summary>
internal enum ConnectionChangeReason
{
    /// <summary>All were full: whether more carry more is tried.</summary>
    Tried,

    /// <summary>They do: the new number stays.</summary>
    Paid,

    /// <summary>They do not: back to the number before.</summary>
    DidNotPay,

    /// <summary>They could not be had: back to the number before.</summary>
    NotToBeHad,
}

/// <summary>A decision on the number of connections.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Before">How many were used until now.</param>
/// <param name="After">How many are used from now on.</param>
/// <param name="RateBefore">Bytes a second with the smaller number.</param>
/// <param name="RateAfter">Bytes a second with the larger one; null while that is not known.</param>
/// <param name="Sample">What was seen of the links.</param>
internal sealed record ConnectionChange(ConnectionChangeReason Reason, int Before, int After, double RateBefore, double? RateAfter, LinkSample Sample);
