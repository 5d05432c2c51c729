using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace ClusterTransfer.Transport.Tests.Records;

/// <summary>The same records from the description alone: HKDF of HMACs, GCM of single blocks of AES and a multiplication bit by bit, Poly1305 of large integers.</summary>
internal static class ByHand
{
    public static byte[] Label(string text) => [.. Encoding.ASCII.GetBytes(text), .. new byte[32 - text.Length]];

    public static byte[] Extract(byte[] salt, byte[] secret) => HMACSHA256.HashData(salt, secret);

    // No more than one block is ever wanted.
    public static byte[] Expand(byte[] key, byte[] info, int length) => HMACSHA256.HashData(key, (byte[])[.. info, 1])[..length];

    public static byte[] Nonce(byte[] iv, ulong number)
    {
        byte[] nonce = [.. iv];
        for (int i = 0; i < 8; i++)
        {
            nonce[11 - i] ^= (byte)(number >> (8 * i));
        }

        return nonce;
    }

    public static byte[] AesGcm(byte[] key, byte[] nonce, byte[] text, byte[] header)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        byte[] Block(uint number)
        {
            byte[] counter = [.. nonce, 0, 0, 0, 0];
            BinaryPrimitives.WriteUInt32BigEndian(counter.AsSpan(12), number);
            return aes.EncryptEcb(counter, PaddingMode.None);
        }

        byte[] sealedText = [.. text.Select((one, at) => (byte)(one ^ Block((uint)(at / 16) + 2)[at % 16]))];
        UInt128 hashKey = BinaryPrimitives.ReadUInt128BigEndian(aes.EncryptEcb(new byte[16], PaddingMode.None));
        UInt128 hash = 0;
        byte[] lengths = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(lengths, (ulong)header.Length * 8);
        BinaryPrimitives.WriteUInt64BigEndian(lengths.AsSpan(8), (ulong)text.Length * 8);
        foreach (byte[] block in ((byte[])[.. Padded(header), .. Padded(sealedText), .. lengths]).Chunk(16))
        {
            hash = Multiply(hash ^ BinaryPrimitives.ReadUInt128BigEndian(block), hashKey);
        }

        byte[] tag = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(tag, hash ^ BinaryPrimitives.ReadUInt128BigEndian(Block(1)));
        return [.. sealedText, .. tag];
    }

    public static byte[] ChaCha20Poly1305(byte[] key, byte[] nonce, byte[] text, byte[] header)
    {
        byte[] sealedText = [.. text.Select((one, at) => (byte)(one ^ ChaChaBlock(key, nonce, (uint)(at / 64) + 1)[at % 64]))];
        byte[] once = ChaChaBlock(key, nonce, 0);
        BigInteger r = new BigInteger(once.AsSpan(0, 16), isUnsigned: true) & BigInteger.Parse("00ffffffc0ffffffc0ffffffc0fffffff", System.Globalization.NumberStyles.HexNumber, null);
        BigInteger s = new(once.AsSpan(16, 16), isUnsigned: true);
        BigInteger prime = (BigInteger.One << 130) - 5;
        byte[] lengths = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(lengths, (ulong)header.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(lengths.AsSpan(8), (ulong)text.Length);
        BigInteger sum = 0;
        foreach (byte[] block in ((byte[])[.. Padded(header), .. Padded(sealedText), .. lengths]).Chunk(16))
        {
            sum = (sum + new BigInteger((byte[])[.. block, 1], isUnsigned: true)) * r % prime;
        }

        byte[] tag = ((sum + s) & ((BigInteger.One << 128) - 1)).ToByteArray(isUnsigned: true);
        return [.. sealedText, .. tag, .. new byte[16 - tag.Length]];
    }

    private static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[(16 - (bytes.Length % 16)) % 16]];

    private static UInt128 Multiply(UInt128 x, UInt128 y)
    {
        UInt128 product = 0;
        for (int bit = 127; bit >= 0; bit--)
        {
            product ^= ((x >> bit) & 1) == 1 ? y : 0;
            y = (y >> 1) ^ ((y & 1) == 1 ? (UInt128)0xE1 << 120 : 0);
        }

        return product;
    }

    private static byte[] ChaChaBlock(byte[] key, byte[] nonce, uint number)
    {
        uint[] start = new uint[16];
        byte[] bytes = [.. "expand 32-byte k"u8, .. key, .. BitConverter.GetBytes(number), .. nonce];
        Buffer.BlockCopy(bytes, 0, start, 0, 64);
        uint[] x = [.. start];
        void Quarter(int a, int b, int c, int d)
        {
            x[a] += x[b]; x[d] = BitOperations.RotateLeft(x[d] ^ x[a], 16);
            x[c] += x[d]; x[b] = BitOperations.RotateLeft(x[b] ^ x[c], 12);
            x[a] += x[b]; x[d] = BitOperations.RotateLeft(x[d] ^ x[a], 8);
            x[c] += x[d]; x[b] = BitOperations.RotateLeft(x[b] ^ x[c], 7);
        }

        for (int round = 0; round < 10; round++)
        {
            for (int column = 0; column < 4; column++)
            {
                Quarter(column, column + 4, column + 8, column + 12);
            }

            for (int diagonal = 0; diagonal < 4; diagonal++)
            {
                Quarter(diagonal, ((diagonal + 1) % 4) + 4, ((diagonal + 2) % 4) + 8, ((diagonal + 3) % 4) + 12);
            }
        }

        byte[] block = new byte[64];
        Buffer.BlockCopy(x.Zip(start, (one, two) => one + two).ToArray(), 0, block, 0, 64);
        return block;
    }
}
