using System.Buffers.Binary;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Fuzz.Manifests;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Fuzz.Frames;

/// <summary>Frames with bodies of the right shape and numbers that are often wrong.</summary>
internal static class FrameMaker
{
    private static readonly string[] Texts = ["", "a", "no space left", "näh", "\u0001", "a\u202Eb", "\uFFFD", "😀", new('x', 1024), new('\u0007', 400)];

    public static byte[] Make(Random random)
    {
        var type = (FrameType)random.Next(1, 16);
        FrameFlags flags = (FrameFlags)random.Next(8);
        var body = new List<byte>();
        switch (type)
        {
            case FrameType.Hello:
                body.AddRange(FrameSeeds.Hello().ToArray());
                break;
            case FrameType.SessionProof:
                Fill(body, random, 16, "0123456789abcdefghjkmnpqrstvwxyz");
                body.Add((byte)random.Next(4));
                Fill(body, random, 32);
                break;
            case FrameType.ManifestPage:
                body.AddRange(ManifestMaker.Make(random));
                break;
            case FrameType.ManifestSeal:
                Number(body, random, 4);
                Number(body, random, 8);
                Number(body, random, 8);
                Number(body, random, 4);
                Number(body, random, 8);
                Fill(body, random, 32);
                break;
            case FrameType.HaveBits:
                MakeHaveBits(body, random);
                break;
            case FrameType.Chunk:
                MakeChunk(body, random, (flags & FrameFlags.Packed) != 0);
                break;
            case FrameType.Ack:
                Repeat(body, random, 20, () => Number(body, random, 4));
                break;
            case FrameType.Nack:
                Number(body, random, 2, small: 15);
                Fill(body, random, 64);
                Text(body, random);
                break;
            case FrameType.FileDone:
                Repeat(body, random, 5, () =>
                {
                    Number(body, random, 4);
                    Fill(body, random, 32);
                });
                break;
            case FrameType.SourceChanged:
                Repeat(body, random, 4, () =>
                {
                    Number(body, random, 4);
                    Number(body, random, 2, small: 40);
                    Text(body, random);
                });
                break;
            case FrameType.Credit or FrameType.Ping:
                Number(body, random, 8);
                break;
            case FrameType.Stop:
                body.Add((byte)random.Next(6));
                Number(body, random, 2, small: 40);
                Text(body, random);
                break;
            default:
                Number(body, random, 2, small: 40);
                Text(body, random);
                break;
        }

        return [.. FrameSeeds.Header(type, flags, type == FrameType.Chunk ? (uint)random.Next(1 << 25) : 0, (uint)body.Count), .. body];
    }

    private static void MakeHaveBits(List<byte> body, Random random)
    {
        if (random.Next(3) == 0)
        {
            Number(body, random, 4, exactly: uint.MaxValue);
            Number(body, random, 4, small: 9);
            Number(body, random, 4, small: 2);
            Fill(body, random, 32);
            return;
        }

        int count = random.Next(70);
        Number(body, random, 4, small: 9);
        Number(body, random, 4, small: 99);
        Number(body, random, 4, exactly: (uint)count);
        Fill(body, random, (count + 7) / 8);
        if (count % 8 > 0 && random.Next(2) == 0)
        {
            body[^1] &= (byte)((1 << (count % 8)) - 1);
        }
    }

    private static void MakeChunk(List<byte> body, Random random, bool packed)
    {
        Fill(body, random, 32);
        if (packed)
        {
            uint member = 0;
            Repeat(body, random, 6, () => Number(body, random, 4, exactly: member += (uint)random.Next(random.Next(8) == 0 ? 1 : 9)));
        }

        Fill(body, random, random.Next(100));
    }

    // A count, and about so many of what it counts.
    private static void Repeat(List<byte> body, Random random, int most, Action one)
    {
        int count = random.Next(most);
        int told = random.Next(8) == 0 ? (int)Damage.Number(random) : count;
        body.AddRange(BitConverter.GetBytes((ushort)told));
        for (int i = 0; i < count; i++)
        {
            one();
        }
    }

    private static void Number(List<byte> body, Random random, int width, int small = 1000, uint? exactly = null)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, random.Next(8) == 0 ? Damage.Number(random) : exactly ?? (uint)random.Next(small));
        body.AddRange(bytes[..width]);
    }

    private static void Text(List<byte> body, Random random)
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]);
        Number(body, random, 2, exactly: (uint)text.Length);
        body.AddRange(text);
    }

    private static void Fill(List<byte> body, Random random, int count, string? of = null)
    {
        for (int i = 0; i < count; i++)
        {
            body.Add(of is null ? (byte)random.Next(256) : (byte)of[random.Next(of.Length)]);
        }
    }
}
