namespace ClusterTransfer.Model.Control;

/// <summary>What a node says at its registration that it can do. One that does not say so is older, and would do something else without a word.</summary>
public static class MemberAbilities
{
    /// <summary>It holds to the limit of a transfer that it sends.</summary>
    public const string TransferLimits = "transfer-limits";

    /// <summary>It holds to limits of its own and of its peers that are set while it runs.</summary>
    public const string NodeLimits = "node-limits";

    /// <summary>Those of this version.</summary>
    public static IReadOnlyList<string> All { get; } = [TransferLimits, NodeLimits];
}
