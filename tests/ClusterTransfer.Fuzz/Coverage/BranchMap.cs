namespace ClusterTransfer.Fuzz.Coverage;

/// <summary>What instrumented parsers write to: one byte for each way a branch can go.</summary>
public static class BranchMap
{
    /// <summary>Most ways that can be told apart.</summary>
    public const int Size = 64 * 1024;

    /// <summary>1 where a way was taken. Public and a field, because instrumented code reaches it by one instruction.</summary>
#pragma warning disable CA2211 // see the summary
    public static byte[] Taken = new byte[Size];
#pragma warning restore CA2211

    /// <summary>How many ways were taken so far.</summary>
    public static int Count => Size - Taken.AsSpan().Count((byte)0);
}
