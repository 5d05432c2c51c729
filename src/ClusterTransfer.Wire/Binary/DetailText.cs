using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace ClusterTransfer.Wire.Binary;

/// <summary>Sentences for people inside frames: u16 length, then UTF-8 of at most <see cref="MaxBytes"/> bytes.</summary>
/// <remarks>A longer text is cut at a character when written. A reader gets text that is safe to show, whatever the peer sent.</remarks>
internal static class DetailText
{
    /// <summary>Longest text in bytes: enough for a sentence with a long path, small enough for many in a control frame.</summary>
    public const int MaxBytes = 1024;

    private const string Cut = "…";

    /// <summary>Bytes that <see cref="Write"/> takes.</summary>
    public static int EncodedLength(string text) => sizeof(ushort) + Encoding.UTF8.GetByteCount(Shorten(text));

    public static void Write(ref WireWriter writer, string text)
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        int length = Encoding.UTF8.GetBytes(Shorten(text), bytes);
        writer.U16((ushort)length);
        writer.Bytes(bytes[..length]);
    }

    public static string Read(ref WireReader reader)
    {
        int length = reader.U16();
        if (length > MaxBytes)
        {
            reader.Fail();
            return string.Empty;
        }

        return Disarm(reader.Utf8(length));
    }

    private static string Shorten(string text)
    {
        if (text.Length <= MaxBytes / 3 || Encoding.UTF8.GetByteCount(text) <= MaxBytes)
        {
            return text;
        }

        Span<byte> bytes = stackalloc byte[MaxBytes - Encoding.UTF8.GetByteCount(Cut)];
        Utf8.FromUtf16(text, bytes, out _, out int written, replaceInvalidSequences: true);
        return Encoding.UTF8.GetString(bytes[..written]) + Cut;
    }

    // The writer has escaped names already, so escaping again would double its backslashes; what is left to disarm are
    // characters that steer a terminal or reorder a line, which an honest peer never sends.
    private static string Disarm(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsUnsafe(rune))
            {
                var safe = new StringBuilder(text.Length);
                foreach (Rune each in text.EnumerateRunes())
                {
                    safe.Append((IsUnsafe(each) ? Rune.ReplacementChar : each).ToString());
                }

                return safe.ToString();
            }
        }

        return text;
    }

    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
