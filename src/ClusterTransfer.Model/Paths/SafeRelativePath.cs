using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ClusterTransfer.Model;

/// <summary>A path beneath a location as the kernel sees it: bytes, made and checked once at the edge, trusted by type everywhere behind it.</summary>
/// <remarks>Segments are separated by single '/' bytes; no segment is empty, "." or ".."; no NUL; a segment has at most
/// <see cref="MaxSegmentLength"/> bytes and the whole at most <see cref="MaxLength"/>. Bytes need not be UTF-8. The empty path is the location itself.</remarks>
public sealed class SafeRelativePath : IEquatable<SafeRelativePath>
{
    /// <summary>Longest path in bytes.</summary>
    public const int MaxLength = 4096;

    /// <summary>Longest name of one file or folder in bytes.</summary>
    public const int MaxSegmentLength = 255;

    /// <summary>The location itself.</summary>
    public static readonly SafeRelativePath Empty = new([]);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _bytes;

    private SafeRelativePath(byte[] bytes) => _bytes = bytes;

    /// <summary>The path's bytes, without leading or trailing separator.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Whether this is the location itself.</summary>
    public bool IsEmpty => _bytes.Length == 0;

    /// <summary>The last segment; empty for the empty path.</summary>
    public ReadOnlySpan<byte> Name => Bytes[(Bytes.LastIndexOf((byte)'/') + 1)..];

    /// <summary>The path without its last segment; the empty path for a single segment.</summary>
    public SafeRelativePath Parent
    {
        get
        {
            int slash = Bytes.LastIndexOf((byte)'/');
            return slash < 0 ? Empty : new SafeRelativePath(_bytes[..slash]);
        }
    }

    /// <summary>Checks bytes from a peer or a disk.</summary>
    /// <param name="bytes">The path; copied.</param>
    /// <param name="path">The path when the result is true.</param>
    /// <param name="problem">What is wrong with it otherwise, fit for an error text.</param>
    public static bool TryCreate(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SafeRelativePath? path, [NotNullWhen(false)] out string? problem)
    {
        path = null;
        problem = Check(bytes);
        if (problem is not null)
        {
            return false;
        }

        path = bytes.Length == 0 ? Empty : new SafeRelativePath(bytes.ToArray());
        return true;
    }

    /// <summary>Checks text from a user. Leading separators are refused; trailing and doubled ones are forgiven, as shells produce them.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SafeRelativePath? path, [NotNullWhen(false)] out string? problem)
    {
        path = null;
        if (text.StartsWith('/'))
        {
            problem = "it starts with '/': paths are relative to the location, so leave the '/' away";
            return false;
        }

        byte[] bytes;
        try
        {
            bytes = StrictUtf8.GetBytes(string.Join('/', text.Split('/', StringSplitOptions.RemoveEmptyEntries)));
        }
        catch (EncoderFallbackException)
        {
            problem = "it is not valid Unicode";
            return false;
        }

        return TryCreate(bytes, out path, out problem);
    }

    /// <summary>This path with another beneath it.</summary>
    /// <exception cref="ArgumentException">The result is longer than <see cref="MaxLength"/>.</exception>
    public SafeRelativePath Combine(SafeRelativePath relative)
    {
        if (IsEmpty)
        {
            return relative;
        }

        if (relative.IsEmpty)
        {
            return this;
        }

        if (_bytes.Length + 1 + relative._bytes.Length > MaxLength)
        {
            throw new ArgumentException($"The path is longer than {MaxLength} bytes.", nameof(relative));
        }

        return new SafeRelativePath([.. _bytes, (byte)'/', .. relative._bytes]);
    }

    /// <summary>Whether this path is the given one or lies beneath it.</summary>
    public bool IsWithin(SafeRelativePath folder) =>
        folder.IsEmpty || (Bytes.StartsWith(folder.Bytes) && (_bytes.Length == folder._bytes.Length || _bytes[folder._bytes.Length] == (byte)'/'));

    /// <summary>This path as seen from a folder that it is or lies beneath.</summary>
    /// <exception cref="ArgumentException">It lies elsewhere.</exception>
    public SafeRelativePath RelativeTo(SafeRelativePath folder)
    {
        if (!IsWithin(folder))
        {
            throw new ArgumentException($"'{this}' does not lie beneath '{folder}'.", nameof(folder));
        }

        return folder.IsEmpty ? this : _bytes.Length == folder._bytes.Length ? Empty : new SafeRelativePath(_bytes[(folder._bytes.Length + 1)..]);
    }

    /// <inheritdoc/>
    public bool Equals(SafeRelativePath? other) => other is not null && Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SafeRelativePath);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>For people: UTF-8 where the bytes are UTF-8 and printable; control characters and other bytes as \xHH, a backslash doubled.</summary>
    public override string ToString() => PathText.Escape(_bytes);

    private static string? Check(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0)
        {
            return null;
        }

        if (bytes.Length > MaxLength)
        {
            return $"it has {bytes.Length} bytes; at most {MaxLength} are possible";
        }

        if (bytes.Contains((byte)0))
        {
            return "it contains a NUL byte";
        }

        foreach (Range range in bytes.Split((byte)'/'))
        {
            ReadOnlySpan<byte> segment = bytes[range];
            if (segment.Length == 0)
            {
                return "it starts or ends with '/' or has an empty segment";
            }

            if (segment.SequenceEqual("."u8) || segment.SequenceEqual(".."u8))
            {
                return "it contains a '.' or '..' segment";
            }

            if (segment.Length > MaxSegmentLength)
            {
                return $"one of its names has {segment.Length} bytes; at most {MaxSegmentLength} are possible";
            }
        }

        return null;
    }
}
