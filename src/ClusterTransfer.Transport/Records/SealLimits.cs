namespace ClusterTransfer.Transport.Records;

/// <summary>What one key may seal; whoever seals takes the next key before, whoever opens takes no more under one. Part of the protocol; only tests have others.</summary>
/// <param name="Records">Records: 2^32.</param>
/// <param name="Bytes">Bytes of plaintext: 16 GiB, 2^30 blocks of the cipher.</param>
internal sealed record SealLimits(ulong Records = 1UL << 32, long Bytes = 16L << 30)
{
    public static readonly SealLimits Default = new();
}
