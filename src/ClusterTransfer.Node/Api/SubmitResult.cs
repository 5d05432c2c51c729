using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Api;

/// <summary>What became of a submit.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="IsReplay">Whether an earlier request with the same idempotency key had made it, so that this one changed nothing.</param>
public sealed record SubmitResult(TransferResource Transfer, bool IsReplay);
