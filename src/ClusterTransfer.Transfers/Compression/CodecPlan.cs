using ClusterTransfer.Wire.Compression;

namespace ClusterTransfer.Transfers.Compression;

/// <summary>Which codec makes a transfer fastest: a calculation over what was measured.</summary>
/// <remarks>Bytes of the files arrive at the rate of the slower of two: what the processors compress, and what the link takes divided by how much shorter it gets.
/// Without a codec it is the link alone.</remarks>
internal static class CodecPlan
{
    /// <summary>Another codec must promise so much more than what is used now; a codec that is used ends when it promises less than none.</summary>
    public const double WorthIt = 1.1;

    /// <summary>What of a codec was measured.</summary>
    /// <param name="Codec">Which.</param>
    /// <param name="BytesPerSecond">File bytes that one processor compresses in a second.</param>
    /// <param name="Ratio">Compressed length by length, above 0.</param>
    public readonly record struct Measure(PayloadCodec Codec, double BytesPerSecond, double Ratio);

    /// <summary>Decides.</summary>
    /// <param name="link">Bytes a second that the link takes.</param>
    /// <param name="processors">Processors that are free for it, a fraction as well.</param>
    /// <param name="codecs">Those that both ends have.</param>
    /// <param name="current">What is used now.</param>
    public static PayloadCodec Choose(double link, double processors, IReadOnlyList<Measure> codecs, PayloadCodec current)
    {
        PayloadCodec best = PayloadCodec.None;
        double bestRate = link;
        foreach (Measure codec in codecs)
        {
            double rate = Math.Min(codec.BytesPerSecond * processors, link / codec.Ratio);
            double weighed = codec.Codec == current ? rate * WorthIt : rate;
            if (rate > link && weighed > bestRate)
            {
                (best, bestRate) = (codec.Codec, weighed);
            }
        }

        return current == PayloadCodec.None && bestRate < link * WorthIt ? PayloadCodec.None : best;
    }
}
