using ClusterTransfer.Wire.Compression;

namespace ClusterTransfer.Transfers.Compression;

/// <summary>What the sessions of a node compress with.</summary>
internal sealed class CompressionServices
{
    /// <summary>Codecs of this node; none where the system has no library of one.</summary>
    public IReadOnlyList<PayloadCodec> Codecs { get; init; } = [.. NativeCodec.All.Where(one => one.Native.IsAvailable).Select(one => one.Codec)];

    /// <summary>Processors that are idle, asked by all transfers, a few times a second each.</summary>
    public Func<double> IdleProcessors { get; init; } = new ProcessorIdle().Look;

    public ScratchBuffers Scratch { get; } = new();
}
