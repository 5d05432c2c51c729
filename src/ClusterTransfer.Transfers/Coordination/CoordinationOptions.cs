using ClusterTransfer.Model;

namespace ClusterTransfer.Transfers.Coordination;

/// <summary>Intervals of coordinators; HOCON section <c>cluster-transfer.transfers</c>.</summary>
public sealed record CoordinationOptions
{
    /// <summary>How often an unanswered command is repeated, and a silent session is asked for.</summary>
    public TimeSpan RepeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a session may be silent before its end is asked whether it still exists.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>First pause before another session; doubles up to <see cref="RetryMax"/>, with jitter.</summary>
    public TimeSpan RetryMin { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause before another session.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a transfer that waits for space asks whether there is enough again.</summary>
    public TimeSpan SpaceRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the source's final report is waited for once the destination is done.</summary>
    public TimeSpan SourceReportTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after its end a failed or partly delivered transfer can be retried; then its nodes remove what they kept.</summary>
    public TimeSpan KeepFailed { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long after its end a transfer is listed; then all that the hub knows of it goes. At least <see cref="KeepFailed"/>.</summary>
    public TimeSpan KeepEnded { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How transfers that are submitted from now on cope with what goes wrong.</summary>
    public TransferPolicies Policies { get; init; } = TransferPolicies.Default;

    /// <summary>Transfers that recover at the same time after a start.</summary>
    public int Recoveries { get; init; } = 50;

    /// <summary>How long the answer to a wish for the queue waits until each transfer has acted on it.</summary>
    public TimeSpan QueueSettleLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the catalogue row of a running transfer is refreshed.</summary>
    public TimeSpan CatalogueInterval { get; init; } = TimeSpan.FromSeconds(5);
}
