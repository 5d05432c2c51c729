using System.Diagnostics.CodeAnalysis;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>A refusal. The header's chunk says of what; <see cref="NoChunk"/> for a proof or page.</summary>
/// <param name="Reason">Why. A number of a later version is refused by the reader.</param>
/// <param name="Detail">One sentence for the log, at most 1,024 bytes; longer ones are cut.</param>
/// <param name="Expected">Digest that was announced; empty where none is meant.</param>
/// <param name="Actual">Digest of what arrived; empty where none is meant.</param>
/// <remarks>reason u16 | expected 32 | actual 32 | detail u16 length, UTF-8.</remarks>
public sealed record NackBody(NackReason Reason, string Detail, Digest Expected, Digest Actual) : IFrameBody<NackBody>
{
    /// <summary>Chunk index in the header when the refusal is not about a chunk. No plan gives it to a chunk.</summary>
    public static readonly ChunkIndex NoChunk = new(uint.MaxValue);

    /// <inheritdoc/>
    public int EncodedLength => sizeof(ushort) + (2 * Digest.Length) + DetailText.EncodedLength(Detail);

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        var writer = new WireWriter(destination);
        writer.U16((ushort)Reason);
        writer.Digest(Expected);
        writer.Digest(Actual);
        DetailText.Write(ref writer, Detail);
        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out NackBody? body)
    {
        var reader = new WireReader(source);
        var reason = (NackReason)reader.U16();
        Digest expected = reader.Digest();
        Digest actual = reader.Digest();
        string detail = DetailText.Read(ref reader);
        body = reader.Complete && Enum.IsDefined(reason) ? new NackBody(reason, detail, expected, actual) : null;
        return body is not null;
    }
}
