using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>The session's window, replacing the one before.</summary>
/// <param name="WindowBytes">Bytes of chunk payload that may be in flight, sent and not yet acknowledged as received; 0 pauses the source.</param>
/// <remarks>window u64.</remarks>
public readonly record struct CreditBody(long WindowBytes) : IFrameBody<CreditBody>
{
    /// <inheritdoc/>
    public int EncodedLength => sizeof(ulong);

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        if (WindowBytes < 0)
        {
            throw new ArgumentException("A window is not negative.");
        }

        var writer = new WireWriter(destination);
        writer.I64(WindowBytes);
        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, out CreditBody body)
    {
        var reader = new WireReader(source);
        body = new CreditBody(reader.Int63());
        return reader.Complete;
    }
}
