using ClusterTransfer.Model;

namespace ClusterTransfer.Journal;

/// <summary>What an idempotency key was claimed for.</summary>
/// <param name="Key">The key.</param>
/// <param name="BodyHash">Hash of the request that claimed it.</param>
/// <param name="Id">The transfer that request became, or was to become.</param>
public sealed record ClaimedKey(string Key, string BodyHash, TransferId Id)
{
    /// <summary>The transfer, for a request with the same hash.</summary>
    /// <exception cref="ClusterTransferException"><see cref="Reason.KeyReused"/>: this is another request.</exception>
    public TransferId For(string bodyHash) => bodyHash == BodyHash
        ? Id
        : throw new ClusterTransferException(Reason.KeyReused, $"The idempotency key '{PathText.Escape(Key)}' belongs to another request, which became transfer {Id}.");
}
