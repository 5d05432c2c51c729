namespace ClusterTransfer.Transfers.Sessions;

/// <summary>Kinds of notes that a coordinator acts on; the others are only lines in the event log.</summary>
internal static class SessionNotes
{
    /// <summary>The source could not reach the destination's data address.</summary>
    public const string DialFailed = "dial-failed";
}
