using System.Diagnostics.CodeAnalysis;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>The connection ends on purpose; the sender sends nothing after it.</summary>
/// <param name="Reason">Why; <see cref="Reason.None"/> for an orderly end.</param>
/// <param name="Detail">One sentence, at most 1,024 bytes; longer ones are cut.</param>
/// <remarks>reason u16 | detail u16 length, UTF-8.</remarks>
public sealed record GoodbyeBody(Reason Reason, string Detail) : IFrameBody<GoodbyeBody>
{
    /// <inheritdoc/>
    public int EncodedLength => sizeof(ushort) + DetailText.EncodedLength(Detail);

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        var writer = new WireWriter(destination);
        writer.U16(ReasonNumbers.ToWire(Reason));
        DetailText.Write(ref writer, Detail);
        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out GoodbyeBody? body)
    {
        var reader = new WireReader(source);
        Reason reason = ReasonNumbers.FromWire(reader.U16());
        string detail = DetailText.Read(ref reader);
        body = reader.Complete ? new GoodbyeBody(reason, detail) : null;
        return body is not null;
    }
}
