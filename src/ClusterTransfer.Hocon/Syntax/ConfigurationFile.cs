using System.Text;

namespace ClusterTransfer.Hocon.Syntax;

/// <summary>The only code here that touches a disk: reads a whole, bounded, regular UTF-8 file.</summary>
internal static class ConfigurationFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="HoconException">It cannot be read; the exception names <paramref name="origin"/>, where it was asked for.</exception>
    public static string Read(string file, HoconParserOptions options, HoconOrigin origin)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

            // A file of more bytes cannot have few enough characters; the count is bounded even if the file grows meanwhile.
            long limit = (long)options.MaxTextLength * 3;
            byte[] bytes = new byte[Math.Min(stream.Length, limit) + 1];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > limit)
            {
                throw new HoconException($"'{file}' is longer than {options.MaxTextLength} characters.", origin);
            }

            ReadOnlySpan<byte> content = bytes.AsSpan(0, length);
            return StrictUtf8.GetString(content.StartsWith("\uFEFF"u8) ? content[3..] : content);
        }
        catch (DecoderFallbackException error)
        {
            throw new HoconException($"'{file}' is not UTF-8.", origin, inner: error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new HoconException($"'{file}' cannot be read: {error.Message}", origin, inner: error);
        }
    }
}
