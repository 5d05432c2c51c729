using System.Buffers;
using System.Globalization;
using System.Text;

namespace ClusterTransfer.Model;

/// <summary>Makes names from disks and peers safe to show: in a terminal, a log line, JSON or a page.</summary>
public static class PathText
{
    /// <summary>UTF-8 where the bytes are UTF-8 and printable; control and bidirectional characters and other bytes as \xHH, a backslash doubled.</summary>
    public static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (bytes.Length > 0)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes, out Rune rune, out int consumed);
            if (status != OperationStatus.Done || IsUnsafe(rune))
            {
                foreach (byte b in bytes[..consumed])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
                }
            }
            else if (rune.Value == '\\')
            {
                text.Append("\\\\");
            }
            else
            {
                text.Append(rune.ToString());
            }

            bytes = bytes[consumed..];
        }

        return text.ToString();
    }

    /// <summary>The same for text that did not come from a disk, such as a peer's error detail.</summary>
    public static string Escape(string text) => Escape(Encoding.UTF8.GetBytes(text));

    /// <summary>For text that says it is escaped already: only what could steer a terminal becomes \xHH, a backslash stays single.</summary>
    /// <remarks>Applied again it changes nothing, so each layer can defend itself.</remarks>
    public static string EscapeControls(string text)
    {
        bool safe = true;
        foreach (Rune rune in text.EnumerateRunes())
        {
            safe &= !IsUnsafe(rune);
        }

        return safe ? text : Escape(text).Replace(@"\\", @"\", StringComparison.Ordinal);
    }

    /// <summary>Whether a character could steer a terminal or hide what a text says:
    /// control, format (which holds the bidirectional overrides), separators of lines and paragraphs, private and unassigned.</summary>
    public static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
