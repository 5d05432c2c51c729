using ClusterTransfer.Model;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Frames;

/// <summary>One kind of body for tests that treat all alike.</summary>
/// <param name="Name">The frame's name.</param>
/// <param name="Make">A random valid body, encoded.</param>
/// <param name="Reread">Decodes and encodes again; null when refused.</param>
internal sealed record BodyCase(string Name, Func<Random, byte[]> Make, Func<byte[], byte[]?> Reread)
{
    public static IReadOnlyList<BodyCase> All { get; } =
    [
        Of("Hello", RandomHello),
        Of("SessionProof", random => new SessionProofBody(
            new TransferId(random.GetString("0123456789abcdefghjkmnpqrstvwxyz", 16)), random.Next(2) == 0 ? SessionRole.Source : SessionRole.Destination, Bytes(random, 32))),
        Of("ManifestSeal", RandomSeal),
        Of("HaveBits", RandomHaveBits),
        Of("PagesAccepted", random => HaveBitsBody.PagesAccepted(random.Next(), RandomDigest(random))),
        Of("Ack", random => new AckBody([.. Enumerable.Range(0, random.Next(1, 50)).Select(_ => RandomUInt(random))])),
        Of("Nack", random => new NackBody((NackReason)random.Next(1, 14), RandomText(random), RandomDigest(random), RandomDigest(random))),
        Of("FileDone", random => new FileDoneBody(
            [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => (new EntryIndex(RandomUInt(random)), RandomDigest(random)))])),
        Of("SourceChanged", random => new SourceChangedBody(
            [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => (new EntryIndex(RandomUInt(random)), (Reason)random.Next(30), RandomText(random)))])),
        Of("Credit", random => new CreditBody(random.NextInt64())),
        Of("Stop", random => new StopBody((StopCode)random.Next(1, 5), (Reason)random.Next(30), RandomText(random))),
        Of("Ping", random => new PingBody((ulong)random.NextInt64(long.MinValue, long.MaxValue))),
        Of("Goodbye", random => new GoodbyeBody((Reason)random.Next(30), RandomText(random))),
    ];

    public static BodyCase Named(string name) => All.Single(body => body.Name == name);

    public static Digest RandomDigest(Random random) => new(Bytes(random, 32));

    private static BodyCase Of<T>(string name, Func<Random, T> make)
        where T : IFrameBody<T> =>
        new(name, random => make(random).ToArray(), bytes => T.TryRead(bytes, out T? body) ? body.ToArray() : null);

    private static HelloBody RandomHello(Random random)
    {
        byte min = (byte)random.Next(1, 256);
        return new HelloBody(
            min,
            (byte)random.Next(min, 256),
            new NodeId("n" + random.GetString("abc0123456789", random.Next(63))),
            new Incarnation(new Guid(Bytes(random, 16))),
            random.GetString("0123456789.-+ ~abcXYZ", random.Next(65)),
            (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            random.Next(ChunkSizes.Min, ChunkSizes.Max + 1),
            random.Next(1, 1025),
            Bytes(random, 32));
    }

    private static ManifestSealBody RandomSeal(Random random)
    {
        int pages = random.Next();
        long entries = random.NextInt64(((long)pages * 4096) + 1);
        return new ManifestSealBody(new ManifestSeal(
            pages, entries, random.NextInt64(entries + 1), RandomUInt(random), random.NextInt64(), RandomDigest(random)));
    }

    private static HaveBitsBody RandomHaveBits(Random random)
    {
        int count = random.Next(2000);
        byte[] bits = Bytes(random, (count + 7) / 8);
        if (count % 8 != 0)
        {
            bits[^1] &= (byte)((1 << (count % 8)) - 1);
        }

        return new HaveBitsBody(random.Next(), (uint)random.Next(), count, bits);
    }

    private static string RandomText(Random random)
    {
        ReadOnlySpan<string> alphabet = ["a", "B", " ", "é", "漢", "\U0001F600", "\\x0a", "'"];
        return string.Concat(random.GetItems(alphabet, random.Next(60)));
    }

    private static uint RandomUInt(Random random) => (uint)random.NextInt64(1L << 32);

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
