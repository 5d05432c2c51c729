using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.TestKit.Proxy;

/// <summary>A frame on its way through the proxy.</summary>
/// <param name="Connection">Which connection.</param>
/// <param name="Direction">Which way.</param>
/// <param name="Header">The header as it was sent.</param>
/// <param name="Bytes">Header and body as they will be passed on.</param>
public sealed record ProxiedFrame(ProxiedConnection Connection, FrameDirection Direction, FrameHeader Header, byte[] Bytes)
{
    /// <summary>How many bytes pass when it is <see cref="FrameFate.Cut"/>.</summary>
    public int CutAt { get; set; }

    /// <summary>What follows the header.</summary>
    public Span<byte> Body => Bytes.AsSpan(FrameHeader.Size);

    /// <summary>Whether it is a chunk.</summary>
    public bool IsChunk => Header.Type == FrameType.Chunk;

    /// <summary>Damages the last byte of the body, which in a chunk is payload.</summary>
    public void FlipBody() => Bytes[^1] ^= 0x01;

    /// <summary>Damages the header, which its checksum shows.</summary>
    public void FlipHeader() => Bytes[20] ^= 0x01;
}
