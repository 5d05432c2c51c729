namespace ClusterTransfer.Model;

/// <summary>What follows from a <see cref="TransferState"/>.</summary>
public static class TransferStates
{
    /// <summary>Whether the transfer has ended: its state and its outcome change no more.</summary>
    public static bool IsTerminal(this TransferState state) =>
        state is TransferState.Completed or TransferState.Partial or TransferState.Failed or TransferState.Cancelled;
}
