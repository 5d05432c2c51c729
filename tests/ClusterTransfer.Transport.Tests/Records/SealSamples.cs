using ClusterTransfer.Transport.Records;

namespace ClusterTransfer.Transport.Tests.Records;

/// <summary>Contexts and records with recognisable content.</summary>
internal static class SealSamples
{
    public static SealContext Context(SealSuite suite = SealSuite.Aes256Gcm) => new(suite, Run(0x00), Run(0x20), Run(0x40), Run(0x60));

    public static byte[] Text(int length, int seed = 1)
    {
        byte[] text = new byte[length];
        new Random(seed).NextBytes(text);
        return text;
    }

    public static byte[] Seal(this RecordSealer sealer, RecordKind kind, ReadOnlySpan<byte> text)
    {
        byte[] record = new byte[text.Length + RecordHeader.Overhead];
        Assert.Equal(record.Length, sealer.Seal(kind, text, record));
        return record;
    }

    public static byte[] Begin(this RecordSealer sealer) => sealer.Seal(RecordKind.Begin, []);

    public static byte[] Data(this RecordSealer sealer, int length = 100, int seed = 1) => sealer.Seal(RecordKind.Data, Text(length, seed));

    public static byte[] Close(this RecordSealer sealer) => sealer.Seal(RecordKind.Close, []);

    /// <summary>What became of a record, and what the caller's memory holds then.</summary>
    public static (RecordError Error, byte[] Text) Try(this RecordOpener opener, byte[] record)
    {
        byte[] text = new byte[record.Length - RecordHeader.Overhead];
        return (opener.Open(record, text), text);
    }

    private static byte[] Run(int first) => [.. Enumerable.Range(first, 32).Select(value => (byte)value)];
}
