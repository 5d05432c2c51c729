using System.Buffers.Binary;
using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Binary;

/// <summary>Writes little-endian fields one after another. The destination is the caller's and large enough, else it throws.</summary>
internal ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public void U8(byte value) => Take(sizeof(byte))[0] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(sizeof(ushort)), value);

    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint)), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), value);

    public void I64(long value) => U64((ulong)value);

    public void Digest(in Digest value) => value.CopyTo(Take(Model.Digest.Length));

    public void Bytes(scoped ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    public void VarUInt(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            U8((byte)(value | 0x80));
        }

        U8((byte)value);
    }

    /// <summary>Bytes that <see cref="VarUInt"/> takes at most.</summary>
    public const int MaxVarUInt = 10;

    private Span<byte> Take(int count)
    {
        Span<byte> field = _destination.Slice(Length, count);
        Length += count;
        return field;
    }
}
