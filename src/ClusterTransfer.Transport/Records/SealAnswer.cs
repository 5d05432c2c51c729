namespace ClusterTransfer.Transport.Records;

/// <summary>What the acceptor says inside TLS before its Hello or Goodbye: its last word there. Fixed size.</summary>
/// <remarks>magic 8: "CTREADY1" | answer u8 | 7 zero bytes.</remarks>
internal enum SealAnswer : byte
{
    /// <summary>A Hello follows, then both ends leave TLS.</summary>
    Ready = 1,

    /// <summary>A Goodbye follows, and nobody leaves TLS.</summary>
    Refused = 2,
}

/// <summary>Its bytes.</summary>
internal static class SealAnswers
{
    public const int Size = 16;

    private static ReadOnlySpan<byte> Magic => "CTREADY1"u8;

    public static void Write(SealAnswer answer, Span<byte> destination)
    {
        destination[..Size].Clear();
        Magic.CopyTo(destination);
        destination[Magic.Length] = (byte)answer;
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out SealAnswer answer)
    {
        answer = source.Length == Size ? (SealAnswer)source[Magic.Length] : default;
        return answer is SealAnswer.Ready or SealAnswer.Refused && source.StartsWith(Magic) && !source[(Magic.Length + 1)..].ContainsAnyExcept((byte)0);
    }
}
