using System.Diagnostics.CodeAnalysis;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>The session ends, on all its connections.</summary>
/// <param name="Code">How.</param>
/// <param name="Reason">Why; <see cref="Reason.None"/> when all is well.</param>
/// <param name="Detail">One sentence, at most 1,024 bytes; longer ones are cut.</param>
/// <remarks>code u8 | reason u16 | detail u16 length, UTF-8.</remarks>
public sealed record StopBody(StopCode Code, Reason Reason, string Detail) : IFrameBody<StopBody>
{
    /// <inheritdoc/>
    public int EncodedLength => sizeof(byte) + sizeof(ushort) + DetailText.EncodedLength(Detail);

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        var writer = new WireWriter(destination);
        writer.U8((byte)Code);
        writer.U16(ReasonNumbers.ToWire(Reason));
        DetailText.Write(ref writer, Detail);
        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out StopBody? body)
    {
        var reader = new WireReader(source);
        var code = (StopCode)reader.U8();
        Reason reason = ReasonNumbers.FromWire(reader.U16());
        string detail = DetailText.Read(ref reader);
        body = reader.Complete && Enum.IsDefined(code) ? new StopBody(code, reason, detail) : null;
        return body is not null;
    }
}
