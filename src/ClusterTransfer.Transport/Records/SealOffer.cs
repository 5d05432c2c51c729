using System.Security.Cryptography;

namespace ClusterTransfer.Transport.Records;

/// <summary>What the dialler says inside TLS before its Hello: how records are sealed from then on. Fixed size.</summary>
/// <remarks>magic 8: "CTSEAL01" | suite u8 | 7 zero bytes | secret 32.</remarks>
internal readonly record struct SealOffer(SealSuite Suite, byte[] Secret)
{
    public const int Size = 48;
    public const int SecretSize = 32;
    private const int SecretAt = 16;

    private static ReadOnlySpan<byte> Magic => "CTSEAL01"u8;

    public static SealOffer New(RecordLayer layer) => layer == RecordLayer.Plain
        ? new SealOffer(SealSuite.None, new byte[SecretSize])
        : new SealOffer(SealSuites.Preferred, RandomNumberGenerator.GetBytes(SecretSize));

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        Magic.CopyTo(destination);
        destination[Magic.Length] = (byte)Suite;
        Secret.CopyTo(destination[SecretAt..]);
    }

    /// <summary>False for anything but an offer of this layer with a suite that this end has.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, RecordLayer layer, out SealOffer offer)
    {
        offer = default;
        if (source.Length != Size || !source.StartsWith(Magic) || source[(Magic.Length + 1)..SecretAt].ContainsAnyExcept((byte)0))
        {
            return false;
        }

        var suite = (SealSuite)source[Magic.Length];
        offer = new SealOffer(suite, source[SecretAt..].ToArray());
        return layer == RecordLayer.Plain ? suite == SealSuite.None : SealSuites.IsSupported(suite);
    }
}
