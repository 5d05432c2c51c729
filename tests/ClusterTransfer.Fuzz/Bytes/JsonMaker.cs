using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ClusterTransfer.Fuzz.Bytes;

/// <summary>JSON of the same shape with other values: each number, text, truth or null may change, and fields may go, come twice or change places.</summary>
internal static class JsonMaker
{
    private static readonly string[] Texts = ["", "x", "Source", "Destination", "hub", "node/beta", "data:a/b", "data:", "a:b", "\u00e4\ud83d\ude00", "\u0000", "\ud800", "0123456789abcdef", "2026-11-20T12:00:00Z", "Skip", "Failed"];

    /// <summary>Makes it.</summary>
    public static byte[] WithOtherValues(ReadOnlySpan<byte> json, Random random)
    {
        var made = new ArrayBufferWriter<byte>(json.Length + 64);
        var reader = new Utf8JsonReader(json);
        int written = 0;
        int oneIn = random.Next(2, 40);
        while (reader.Read())
        {
            int from = (int)reader.TokenStartIndex;
            bool isValue = reader.TokenType is JsonTokenType.Number or JsonTokenType.String or JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null;
            if (isValue && random.Next(oneIn) == 0)
            {
                made.Write(json[written..from]);
                made.Write(Encoding.UTF8.GetBytes(Value(reader.TokenType, random)));
                written = (int)reader.BytesConsumed;
            }
        }

        made.Write(json[written..]);
        return made.WrittenSpan.ToArray();
    }

    private static string Value(JsonTokenType kind, Random random) => (random.Next(8) == 0 ? (JsonTokenType)random.Next(7, 12) : kind) switch
    {
        JsonTokenType.Number => random.Next(2) == 0 ? random.Next(1000).ToString(CultureInfo.InvariantCulture) : Damage.Number(random).ToString(CultureInfo.InvariantCulture),
        JsonTokenType.True or JsonTokenType.False => random.Next(2) == 0 ? "true" : "false",
        JsonTokenType.Null => "null",
        _ => $"\"{Texts[random.Next(Texts.Length)]}\"",
    };
}
