using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Fuzz.Frames;

/// <summary>Sealed records, damaged, cut, repeated and in another order: what is opened is what was sealed, from the first record on without a gap, whatever the bytes.
/// Also what is said inside TLS before: an offer or an answer is refused, or written again it is the same.</summary>
public sealed class SealedTarget : ByteTarget
{
    private const int PerByte = 24;
    private const int Besides = 24 * 1024;   // two key schedules and what they bind

    private static readonly SealContext s_context = new(SealSuite.Aes256Gcm, Run(1), Run(2), Run(3), Run(4));
    private static readonly SealLimits s_limits = new(Records: 4);
    private static readonly byte[][] s_genuine = Genuine();
    private static readonly byte[] s_stream = [.. s_genuine.SelectMany(record => record)];

    private readonly byte[] _text = new byte[Damage.MaxLength];

    public override string Name => "sealed";

    public override IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Transport.Records.RecordOpener"),
        new("ClusterTransfer.Transport.Records.RecordHeader", "TryRead"),
        new("ClusterTransfer.Transport.Records.SealOffer", "TryRead"),
        new("ClusterTransfer.Transport.Records.SealAnswers", "TryRead"),
    ];

    protected override IEnumerable<Seed> Seeds
    {
        get
        {
            yield return new Seed("nothing", []);
            yield return new Seed("all", s_stream);
            for (int at = 0; at < s_genuine.Length; at++)
            {
                yield return new Seed($"up to record {at}", [.. s_genuine[..(at + 1)].SelectMany(record => record)]);
                yield return new Seed($"record {at} alone", s_genuine[at]);
                yield return new Seed($"record {at} twice", [.. s_genuine[..(at + 1)].SelectMany(record => record), .. s_genuine[at]]);
            }

            byte[] offer = new byte[SealOffer.Size];
            new SealOffer(SealSuite.ChaCha20Poly1305, Run(7)).Write(offer);
            yield return new Seed("an offer", offer);
            byte[] answer = new byte[SealAnswers.Size];
            SealAnswers.Write(SealAnswer.Refused, answer);
            yield return new Seed("an answer", answer);
        }
    }

    public override bool Try(byte[] input, int choice)
    {
        Allocation allocation = Allocation.Begin();
        bool known = TryBefore(input, choice % 2 == 0 ? RecordLayer.Sealed : RecordLayer.Plain);
        int opened = TryRecords(input);
        allocation.End(input.Length, PerByte, Besides);
        Check(input.AsSpan(0, opened).SequenceEqual(s_stream.AsSpan(0, opened)), "Something was opened that was not sealed as that.");
        return known || opened > 0;
    }

    // Genuine records, some of them left out, repeated or swapped.
    protected override byte[] MakeUp(Random random)
    {
        var bytes = new List<byte>();
        int at = 0;
        for (int i = random.Next(12); i >= 0; i--)
        {
            bytes.AddRange(s_genuine[at % s_genuine.Length]);
            at = random.Next(6) == 0 ? random.Next(s_genuine.Length) : at + 1;
        }

        return [.. bytes];
    }

    private static bool TryBefore(byte[] input, RecordLayer layer)
    {
        byte[] again = new byte[SealOffer.Size];
        if (SealOffer.TryRead(input, layer, out SealOffer offer))
        {
            offer.Write(again);
            Check(again.AsSpan().SequenceEqual(input), "The offer written again is another one.");
            Check(offer.Suite == SealSuite.None == (layer == RecordLayer.Plain), "A suite of another layer was taken.");
            return true;
        }

        if (!SealAnswers.TryRead(input, out SealAnswer answer))
        {
            return false;
        }

        SealAnswers.Write(answer, again);
        Check(again.AsSpan(0, SealAnswers.Size).SequenceEqual(input), "The answer written again is another one.");
        return true;
    }

    /// <summary>How many bytes of the input were opened, record by record, until the first that is refused.</summary>
    private int TryRecords(byte[] input)
    {
        using var opener = new RecordOpener(s_context, fromDialler: true, s_limits);
        int at = 0;
        while (input.Length - at >= RecordHeader.Size)
        {
            if (opener.Check(input.AsSpan(at, RecordHeader.Size), out RecordHeader header) != RecordError.None)
            {
                break;
            }

            Check(header.Length is >= 0 and <= RecordHeader.MaxLength, "A record longer than any may be was not refused.");
            int length = header.Length + RecordHeader.Overhead;
            if (length > input.Length - at)
            {
                return at;
            }

            Span<byte> text = _text.AsSpan(0, header.Length);
            text.Fill(0xEE);
            if (opener.Open(input.AsSpan(at, length), text) != RecordError.None)
            {
                Check(!text.ContainsAnyExcept((byte)0, (byte)0xEE), "Something of a refused record was left.");
                break;
            }

            at += length;
            if (opener.Closed)
            {
                return at;
            }
        }

        return at;
    }

    private static byte[][] Genuine()
    {
        using var sealer = new RecordSealer(s_context, fromDialler: true, s_limits);
        byte[] Sealed(RecordKind kind, int length)
        {
            byte[] text = new byte[length];
            new Random(length).NextBytes(text);
            byte[] record = new byte[length + RecordHeader.Overhead];
            sealer.Seal(kind, text, record);
            return record;
        }

        return [Sealed(RecordKind.Begin, 0), .. ((int[])[1, 16, 17, 100, 38, 255, 70, 33, 2000]).Select(length => Sealed(RecordKind.Data, length)), Sealed(RecordKind.Close, 0)];
    }

    private static byte[] Run(byte value) => [.. Enumerable.Repeat(value, 32)];

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FuzzException(problem);
        }
    }
}
