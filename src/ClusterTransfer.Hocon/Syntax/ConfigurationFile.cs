using System.Text;

namespace ClusterTransfer.Hocon.Syntax;

/// <summary>The only code here that touches a disk: reads a whole, bounded, regular UTF-8 file.</summary>
internal static class ConfigurationFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // In the order they are merged: HOCON has the last word.
    private static readonly string[] Extensions = [".properties", ".json", ".conf"];

    /// <summary>The format a file has by its name.</summary>
    public static HoconSyntax SyntaxOf(string file) => Path.GetExtension(file) switch
    {
        ".json" => HoconSyntax.Json,
        ".properties" => HoconSyntax.Properties,
        _ => HoconSyntax.Conf,
    };

    /// <summary>The files an include means: the one of this name, or all that have it with one of the known extensions. Empty when there is none.</summary>
    public static IReadOnlyList<string> Find(string file)
    {
        if (Path.GetExtension(file).Length == 0)
        {
            string[] found = [.. Extensions.Select(extension => file + extension).Where(File.Exists)];
            if (found.Length > 0)
            {
                return found;
            }
        }

        return File.Exists(file) ? [file] : [];
    }

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
