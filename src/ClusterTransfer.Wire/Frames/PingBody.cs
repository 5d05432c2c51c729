using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>A sign of life; the answer repeats the number.</summary>
/// <param name="Nonce">Any number.</param>
/// <remarks>nonce u64.</remarks>
public readonly record struct PingBody(ulong Nonce) : IFrameBody<PingBody>
{
    /// <inheritdoc/>
    public int EncodedLength => sizeof(ulong);

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        var writer = new WireWriter(destination);
        writer.U64(Nonce);
        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, out PingBody body)
    {
        var reader = new WireReader(source);
        body = new PingBody(reader.U64());
        return reader.Complete;
    }
}
