using System.Diagnostics.CodeAnalysis;
using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Binary;

namespace ClusterTransfer.Wire.Frames;

/// <summary>Shows that the sender was given the session's secret, on each connection that is to carry the session.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="Role">Which end the sender is.</param>
/// <param name="Proof">32 bytes, see <see cref="SessionProof.Compute"/>.</param>
/// <remarks>transfer 16 (ASCII) | role u8 | proof 32. The header carries session and epoch; the answer has <see cref="FrameFlags.Reply"/>.</remarks>
public sealed record SessionProofBody(TransferId Transfer, SessionRole Role, byte[] Proof) : IFrameBody<SessionProofBody>
{
    /// <inheritdoc/>
    public int EncodedLength => TransferId.Length + 1 + SessionProof.Length;

    /// <inheritdoc/>
    public int WriteTo(Span<byte> destination)
    {
        if (Proof.Length != SessionProof.Length || Transfer.Value.Length != TransferId.Length || !Enum.IsDefined(Role))
        {
            throw new ArgumentException("A value of the session proof is out of its range.");
        }

        var writer = new WireWriter(destination);
        writer.Bytes(Encoding.ASCII.GetBytes(Transfer.Value));
        writer.U8((byte)Role);
        writer.Bytes(Proof);
        return writer.Length;
    }

    /// <inheritdoc/>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out SessionProofBody? body)
    {
        body = null;
        var reader = new WireReader(source);
        string transfer = reader.Utf8(TransferId.Length);
        var role = (SessionRole)reader.U8();
        ReadOnlySpan<byte> proof = reader.Bytes(SessionProof.Length);
        if (!reader.Complete || !Enum.IsDefined(role) || !TransferId.TryParse(transfer, null, out TransferId id))
        {
            return false;
        }

        body = new SessionProofBody(id, role, proof.ToArray());
        return true;
    }
}
