using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>How long nodes keep what they have of a transfer that has ended.</summary>
public static class Retention
{
    /// <summary>Whether it can still be retried, so that its nodes keep what they have of it.</summary>
    public static bool IsKept(TransferResource ended, DateTimeOffset now, TimeSpan keepFailed) => RetryRules.Keeps(ended) && now - ended.EndedAt <= keepFailed;
}
