using System.Text;
using System.Text.Json;

namespace ClusterTransfer.Hocon.Syntax;

/// <summary>Refuses what is not JSON.</summary>
internal static class JsonCheck
{
    public static void Check(string text, string name, HoconParserOptions options)
    {
        // Lone surrogates become question marks here; the HOCON parser reads the text itself.
        byte[] bytes = Encoding.UTF8.GetBytes(text.StartsWith('\uFEFF') ? text[1..] : text);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = options.MaxDepth + 1 });
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException error)
        {
            string problem = error.Message.Split(" LineNumber:")[0].Split(" BytePositionInLine:")[0];
            throw new HoconException($"Not JSON: {problem}", Origin(bytes, name, error), inner: error);
        }
    }

    private static HoconOrigin Origin(ReadOnlySpan<byte> bytes, string name, JsonException error)
    {
        int line = (int)(error.LineNumber ?? 0);
        for (int i = 0; i < line && bytes.IndexOf((byte)'\n') is >= 0 and int end; i++)
        {
            bytes = bytes[(end + 1)..];
        }

        int column = (int)Math.Min(error.BytePositionInLine ?? 0, bytes.Length);
        return new HoconOrigin(name, line + 1, Encoding.UTF8.GetCharCount(bytes[..column]) + 1);
    }
}
