using System.Buffers.Binary;
using System.Text;
using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Binary;

/// <summary>Reads little-endian fields from untrusted bytes. A read past the end gives zero and is remembered, so a decoder
/// reads straight through and asks once; it must ask (<see cref="Failed"/>) before it allocates for a count it has read.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether any field was missing or malformed.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether every byte was read and every field was well formed.</summary>
    public readonly bool Complete => !Failed && _rest.Length == 0;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Marks the input as malformed for a reason the caller found.</summary>
    public void Fail()
    {
        Failed = true;
        _rest = default;
    }

    public byte U8()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(byte));
        return Failed ? (byte)0 : field[0];
    }

    public ushort U16()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(ushort));
        return Failed ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(field);
    }

    public uint U32()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(uint));
        return Failed ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(field);
    }

    public ulong U64()
    {
        ReadOnlySpan<byte> field = Bytes(sizeof(ulong));
        return Failed ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(field);
    }

    public long I64() => (long)U64();

    public Digest Digest()
    {
        ReadOnlySpan<byte> field = Bytes(Model.Digest.Length);
        return Failed ? default : new Digest(field);
    }

    /// <summary>A u32 that must fit a non-negative int.</summary>
    public int Int31()
    {
        uint value = U32();
        if (value > int.MaxValue)
        {
            Fail();
            return 0;
        }

        return (int)value;
    }

    /// <summary>A u64 that must fit a non-negative long.</summary>
    public long Int63()
    {
        ulong value = U64();
        if (value > long.MaxValue)
        {
            Fail();
            return 0;
        }

        return (long)value;
    }

    /// <summary>LEB128, at most ten bytes, and the shortest form only: a value has one encoding.</summary>
    public ulong VarUInt()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = U8();
            if (Failed || (part == 0 && shift > 0) || (shift == 63 && part > 1))
            {
                Fail();
                return 0;
            }

            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        Fail();
        return 0;
    }

    /// <summary>A slice of the input; empty after a failure.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (Failed || (uint)count > (uint)_rest.Length)
        {
            Fail();
            return default;
        }

        ReadOnlySpan<byte> field = _rest[..count];
        _rest = _rest[count..];
        return field;
    }

    /// <summary>Strict UTF-8 of the given length, which the caller has bounded.</summary>
    public string Utf8(int length)
    {
        ReadOnlySpan<byte> field = Bytes(length);
        if (!System.Text.Unicode.Utf8.IsValid(field))
        {
            Fail();
            return string.Empty;
        }

        return StrictUtf8.GetString(field);
    }
}
