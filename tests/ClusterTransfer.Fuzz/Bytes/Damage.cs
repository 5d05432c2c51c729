using System.Buffers.Binary;

namespace ClusterTransfer.Fuzz.Bytes;

/// <summary>Bytes that are changed in place: the input while it is made.</summary>
public sealed class Damage
{
    /// <summary>Longest input in bytes; what would grow beyond is cut.</summary>
    public const int MaxLength = 64 * 1024;

    // What lengths, counts and indices must survive: -1, 0, the ends of each width and their neighbours, and sizes the product knows.
    private static readonly long[] Numbers =
    [
        -1, 0, 1, 2, 7, 8, 16, 31, 32, 33, 63, 64, 127, 128, 255, 256, 1024, 1025, 1800, 1801, 4095, 4096, 4097, 16_000, 16_001, 32_767, 32_768, 65_535, 65_536, 65_537,
        1 << 20, (1 << 20) + 1, 1 << 24, (1 << 24) + 1, (1 << 24) + 65_536, int.MaxValue - 1L, int.MaxValue, int.MaxValue + 1L, uint.MaxValue - 1L, uint.MaxValue,
        uint.MaxValue + 1L, 1L << 40, long.MaxValue - 1, long.MaxValue, long.MinValue,
    ];

    private static readonly string[] Names = ["bit", "byte", "number", "arithmetic", "cut", "remove", "insert", "repeat", "move", "piece", "text number"];

    private readonly byte[] _bytes = new byte[MaxLength];
    private readonly long[] _used = new long[Names.Length];

    /// <summary>Bytes in use.</summary>
    public int Length { get; private set; }

    /// <summary>The input now.</summary>
    public Span<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>How often each change was made.</summary>
    public IEnumerable<(string Name, long Count)> Used => Names.Zip(_used);

    /// <summary>Begins with bytes; what is too long is cut.</summary>
    public void Begin(ReadOnlySpan<byte> bytes)
    {
        Length = Math.Min(bytes.Length, MaxLength);
        bytes[..Length].CopyTo(_bytes);
    }

    /// <summary>Makes one change.</summary>
    /// <param name="random">Says which and where.</param>
    /// <param name="pieces">Bytes that mean something to the parser; may be empty.</param>
    /// <param name="isText">Whether numbers are more often written in digits.</param>
    public void Change(Random random, IReadOnlyList<byte[]> pieces, bool isText)
    {
        int choice = random.Next(isText ? Names.Length : Names.Length - 1);
        if (Length == 0)
        {
            choice = 6;
        }

        _used[choice]++;
        int at = random.Next(Length);
        switch (choice)
        {
            case 0:
                _bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                _bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                SetNumber(at, random);
                break;
            case 3:
                _bytes[at] += (byte)(random.Next(2) == 0 ? random.Next(1, 9) : -random.Next(1, 9));
                break;
            case 4:
                Length = at;
                break;
            case 5:
                Remove(at, random.Next(1, 17));
                break;
            case 6:
                Span<byte> fresh = stackalloc byte[random.Next(1, 17)];
                if (random.Next(2) == 0)
                {
                    random.NextBytes(fresh);
                }
                else
                {
                    fresh.Fill((byte)random.Next(256));
                }

                Insert(at, fresh);
                break;
            case 7:
                Insert(random.Next(Length), Part(at, random).ToArray());
                break;
            case 8:
                ReadOnlySpan<byte> moved = Part(at, random).ToArray();
                moved[..Math.Min(moved.Length, Length - at)].CopyTo(_bytes.AsSpan(random.Next(Math.Max(1, Length - moved.Length))));
                break;
            case 9 when pieces.Count > 0:
                Insert(at, pieces[random.Next(pieces.Count)]);
                break;
            case 9:
                _bytes[at] ^= 0x80;
                break;
            default:
                Insert(at, System.Text.Encoding.ASCII.GetBytes(Number(random).ToString(System.Globalization.CultureInfo.InvariantCulture)));
                break;
        }
    }

    /// <summary>One of the numbers that break things.</summary>
    public static long Number(Random random) => Numbers[random.Next(Numbers.Length)];

    /// <summary>Puts bytes in between; what is pushed beyond the limit is lost.</summary>
    public void Insert(int at, ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, MaxLength - Length);
        _bytes.AsSpan(at, Length - at).CopyTo(_bytes.AsSpan(at + count));
        bytes[..count].CopyTo(_bytes.AsSpan(at));
        Length += count;
    }

    /// <summary>Takes bytes out.</summary>
    public void Remove(int at, int count)
    {
        count = Math.Min(count, Length - at);
        _bytes.AsSpan(at + count, Length - at - count).CopyTo(_bytes.AsSpan(at));
        Length -= count;
    }

    private Span<byte> Part(int at, Random random) => _bytes.AsSpan(at, Math.Min(random.Next(1, 65), Length - at));

    private void SetNumber(int at, Random random)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, Number(random));
        int width = 1 << random.Next(4);
        number[..Math.Min(width, Length - at)].CopyTo(_bytes.AsSpan(at));
    }
}
