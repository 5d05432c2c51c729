using System.Buffers.Binary;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Transport.Buffers;
using ClusterTransfer.Transport.Connections;
using ClusterTransfer.Wire.Frames;

namespace ClusterTransfer.Fuzz.Frames;

/// <summary>A stream of frames in slices of any length: the reader finds what a reader of the whole array finds, and no buffer stays out.</summary>
public sealed class StreamTarget : ByteTarget
{
    private const int MaxChunkBody = 48 * 1024;

    // One reader keeps 16 KiB; each step may box a little. What a body needs is in the pool, which is bounded by itself.
#if DEBUG
    private const int PerByte = 512;   // each asynchronous step is an object, and a byte may be a step
#else
    private const int PerByte = 24;
#endif
    private const int Besides = 24 * 1024;

    private readonly BufferPool _buffers = new(1024 * 1024);
    private readonly DataPlaneOptions _options = new();
    private readonly Listener _heard = new();

    /// <summary>Lets the pool make its buffers before anything is counted.</summary>
    public StreamTarget()
    {
        foreach (int size in (int[])[1024, 8 * 1024, 64 * 1024])
        {
            Finished(_buffers.RentAsync(size, CancellationToken.None)).Dispose();
        }
    }

    public override string Name => "stream";

    public override IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Transport.Connections.FrameReader"),
        new("ClusterTransfer.Wire.Frames.FrameHeader", "TryRead", "CheckEnvelope", "get_CanSkip"),
        new("ClusterTransfer.Wire.Frames.FrameLimits"),
    ];

    protected override IEnumerable<Seed> Seeds
    {
        get
        {
            Seed[] good = [.. FrameSeeds.Good()];
            yield return new Seed("nothing", []);
            yield return new Seed("one of each", [.. good.SelectMany(seed => seed.Bytes)]);
            yield return FrameSeeds.Frame("a chunk of the longest", FrameType.Chunk, FrameSeeds.Chunk(false, [], MaxChunkBody - 32));
            yield return FrameSeeds.Frame("a chunk too long", FrameType.Chunk, FrameSeeds.Chunk(false, [], MaxChunkBody - 31));
            yield return FrameSeeds.Frame("a page that fits no buffer", FrameType.ManifestPage, new byte[65_537]);
            yield return FrameSeeds.Frame("longer than a first frame", FrameType.Hello, new byte[FrameReader.SmallBody + 1]);
            yield return FrameSeeds.Frame("the longest first frame", FrameType.Hello, new byte[FrameReader.SmallBody]);
            foreach (Seed seed in (Seed[])[.. good, .. FrameSeeds.Bad()])
            {
                yield return new Seed(seed.Name + ", then a ping", [.. seed.Bytes, .. good[^3].Bytes]);
            }
        }
    }

    public override bool Try(byte[] input, int choice)
    {
        int small = choice % 3 == 0 ? 1 : 0;
        Allocation allocation = Allocation.Begin();
        using var stream = new SlicedStream(input, choice / 3);
        var reader = new FrameReader(stream, new Liveness(TimeProvider.System, _options), new ConnectionCounters());
        var expected = new FrameModel(input, MaxChunkBody, _buffers.LargestRequest);
        int frames = 0;
        while (true)
        {
            bool isSmall = frames < small;
            FrameReadKind kind = isSmall ? ReadSmall(reader, expected) : Read(reader, expected);
            frames++;
            if (kind is FrameReadKind.EndOfStream or FrameReadKind.Truncated or FrameReadKind.Corrupt)
            {
                Check(_buffers.Outstanding == 0 && _buffers.DoubleReturns == 0, "A buffer stayed out.");
                allocation.End(input.Length, PerByte, Besides);
                return kind == FrameReadKind.EndOfStream && frames > 1;
            }
        }
    }

    protected override byte[] MakeUp(Random random)
    {
        var bytes = new List<byte>();
        for (int i = random.Next(4); i >= 0; i--)
        {
            bytes.AddRange(FrameMaker.Make(random));
        }

        return [.. bytes];
    }

    // Each header that can be found gets a right checksum, and mostly a length that leads to the next.
    protected override void Mend(Damage damage, Random random)
    {
        Span<byte> bytes = damage.Bytes;
        int at = random.Next(4) == 0 ? bytes.Length : 0;
        while (bytes.Length - at >= FrameHeader.Size && random.Next(16) > 0)
        {
            Span<byte> header = bytes[at..];
            BinaryPrimitives.WriteUInt16LittleEndian(header, FrameHeader.Magic);
            header[2] = FrameHeader.Version;
            int next = header[FrameHeader.Size..].IndexOf("CT"u8);
            next = next < 0 ? header.Length - FrameHeader.Size : next;
            if (random.Next(8) > 0)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(header[30..], (uint)next);
            }

            FrameSeeds.Seal(header);
            at += FrameHeader.Size + next;
        }
    }

    private FrameReadKind Read(FrameReader reader, FrameModel expected)
    {
        _heard.Bytes = 0;
        FrameRead read = Finished(reader.ReadAsync(_buffers, MaxChunkBody, _heard, CancellationToken.None));
        using BufferLease? body = read.Body;
        Check(read.Kind == FrameReadKind.Frame ? _heard.Bytes == read.Header.WireLength : _heard.Bytes >= 0 && _heard.Bytes <= read.Header.WireLength, "More or fewer bytes of a body were announced than came.");
        Compare(read, body is null ? default : body.Memory.Span, expected.Next(isSmall: false), expected);
        return read.Kind;
    }

    private static FrameReadKind ReadSmall(FrameReader reader, FrameModel expected)
    {
        (FrameRead read, ReadOnlyMemory<byte> body) = Finished(reader.ReadSmallAsync(CancellationToken.None));
        Compare(read, body.Span, expected.Next(isSmall: true), expected);
        return read.Kind;
    }

    private static void Compare(in FrameRead read, ReadOnlySpan<byte> body, FrameReadKind kind, FrameModel expected)
    {
        Check(read.Kind == kind, $"The reader says {read.Kind} {read.Error}, the model {kind} {expected.Error}.");
        Check(read.Error == expected.Error && body.SequenceEqual(expected.Body), "The reader found another error or body than the model.");
        Check(kind != FrameReadKind.Frame || (read.Header == expected.Header && body.Length == read.Header.WireLength), "The reader found another header than the model.");
    }

    // The stream never waits, so nothing on the way may.
    private static T Finished<T>(ValueTask<T> step) => step.IsCompleted ? step.GetAwaiter().GetResult() : throw new FuzzException("The reader waits for something that never comes.");

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FuzzException(problem);
        }
    }

    /// <summary>Adds up what is said of bodies while they come.</summary>
    private sealed class Listener : IFrameReceiver
    {
        public long Bytes { get; set; }

        public ValueTask OnFrameAsync(FrameHeader header, BufferLease body, CancellationToken cancellationToken) => throw new FuzzException("The reader hands frames to its caller only.");

        public void OnBytes(in FrameHeader header, int bytes) => Bytes += bytes;
    }
}
