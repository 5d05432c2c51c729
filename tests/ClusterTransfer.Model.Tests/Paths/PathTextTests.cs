using System.Text;

namespace ClusterTransfer.Model.Tests.Paths;

/// <summary>What is shown never moves a cursor, hides text or pretends to be another name: fault row A4.</summary>
public sealed class PathTextTests
{
    [Theory]
    [InlineData("plain name-1.txt", "plain name-1.txt")]
    [InlineData("漢字 é 😀", "漢字 é 😀")]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("a\nb\r\tc", "a\\x0ab\\x0d\\x09c")]
    [InlineData("\u001b[2Jx", "\\x1b[2Jx")]
    [InlineData("\u0000\u007f", "\\x00\\x7f")]
    [InlineData("\u0085", "\\xc2\\x85")]
    [InlineData("\u202etxt.exe", "\\xe2\\x80\\xaetxt.exe")]
    [InlineData("\u2066x\u2069", "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9")]
    [InlineData("\u200b", "\\xe2\\x80\\x8b")]
    [InlineData("\u2028\u2029", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9")]
    [InlineData("\ue000", "\\xee\\x80\\x80")]
    [InlineData("", "")]
    public void Escape_Text(string text, string expected) => Assert.Equal(expected, PathText.Escape(text));

    [Theory]
    [InlineData(new byte[] { 0xff, (byte)'a' }, "\\xffa")]
    [InlineData(new byte[] { 0xc3 }, "\\xc3")]
    [InlineData(new byte[] { 0xe2, 0x82, (byte)'x' }, "\\xe2\\x82x")]
    [InlineData(new byte[] { 0xc0, 0xaf }, "\\xc0\\xaf")]
    public void Escape_NotUtf8_ShowsTheBytes(byte[] bytes, string expected) => Assert.Equal(expected, PathText.Escape(bytes));

    [Fact]
    public void Escape_OfDifferentBytes_IsDifferent()
    {
        var random = new Random(2);
        var seen = new Dictionary<string, string>();
        byte[] alphabet = [(byte)'\\', (byte)'x', (byte)'0', (byte)'a', 0x0a, 0xc3, 0xa9, 0xff];
        for (int round = 0; round < 50_000; round++)
        {
            byte[] bytes = new byte[random.Next(0, 7)];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = alphabet[random.Next(alphabet.Length)];
            }

            string hex = Convert.ToHexString(bytes);
            Assert.Equal(hex, seen.TryGetValue(PathText.Escape(bytes), out string? other) ? other : seen[PathText.Escape(bytes)] = hex);
        }
    }

    [Fact]
    public void Escape_OfAnyBytes_HasNothingUnsafe()
    {
        var random = new Random(3);
        byte[] bytes = new byte[64];
        for (int round = 0; round < 5_000; round++)
        {
            random.NextBytes(bytes);
            foreach (Rune rune in PathText.Escape(bytes).EnumerateRunes())
            {
                Assert.False(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.Format);
            }
        }
    }
}
