using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Output;

/// <summary>Limits in words.</summary>
internal static class LimitText
{
    /// <summary>What holds something back, without a full stop.</summary>
    public static string Of(HeldBack held) => held.Scope switch
    {
        LimitScope.Transfer => $"held back by the limit of the transfer ({RateLimit.Text(held.BytesPerSecond)})",
        _ => $"held back by a limit ({RateLimit.Text(held.BytesPerSecond)})",   // of a newer node
    };
}
