namespace ClusterTransfer.Model;

/// <summary>How much of a limit that it shares a transfer gets beside the others: one of weight 20 twice as much as one of weight 10.</summary>
public static class TransferWeight
{
    /// <summary>Least weight.</summary>
    public const int Min = 1;

    /// <summary>Highest weight.</summary>
    public const int Max = 100;

    /// <summary>That of a transfer without one: all are equal.</summary>
    public const int Default = 10;

    /// <summary>Whether a weight may be that; null is none.</summary>
    public static bool IsValid(int? weight) => weight is null or (>= Min and <= Max);

    /// <summary>The weight that counts. One that is out of range, as only a forged request has it, is none.</summary>
    public static int Of(int? weight) => weight is { } one && IsValid(one) ? one : Default;
}
