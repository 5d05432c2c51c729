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

            // A file of more bytes cannot have few enough characters. What is read counts, not the length the file system tells:
            // that is 0 for a pipe, and the file may grow meanwhile.
            long limit = (long)options.MaxTextLength * 3;
            using var bytes = new MemoryStream();
            byte[] block = new byte[16 * 1024];
            for (int read = stream.Read(block); read > 0; read = stream.Read(block))
            {
                bytes.Write(block, 0, read);
                if (bytes.Length > limit)
                {
                    throw new HoconException($"'{file}' is longer than {options.MaxTextLength} characters.", origin);
                }
            }

            ReadOnlySpan<byte> content = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
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
