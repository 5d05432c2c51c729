using System.Text;

namespace ClusterTransfer.Model.Tests.Paths;

/// <summary>Names from peers, disks and users: fault rows A1, A2, A4, A6 and D17.</summary>
[Trait("row", "D17")]
public sealed class SafeRelativePathTests
{
    private static readonly string Name255 = new('n', 255);

    /// <summary>Refused as bytes from a peer, whatever layer they pass.</summary>
    public static TheoryData<string> Bad =>
    [
        .. new[]
        {
            "..", ".", "../x", "../../x", "x/..", "x/../y", "x/../../y", "x/y/..", "./x", "x/.", "x/./y", "/", "//", "///", "/x", "//h/s", "//h/s/x", "/etc/passwd",
            "x//y", "x/", "x//", "x/y/", "/../x", "/./x", "../", "./", "/..", "/.", "..//x", "x/..//y", "x//../y", ".//x", "x/.//y", "a/b/c/../../../../d",
            "\0", "x\0", "\0x", "x\0y", "x/\0/y", "..\0", "../\0x", "x/..\0/..", "a/\0", "\0/..", "x/y\0/z",
            ".././x", "./../x", "././x", "../.", "../..", "../../", "x/../.", "x/./..", "/x/..", "~/../x", "data/../data-evil/x", "C:/../x", "%2e%2e/../x", "..;/../x",
            "\u202e/../x", "x/\n/../y", ".../../x", "x/.../..",
            new string('n', 256), "x/" + new string('n', 256), new string('é', 128), string.Concat(Enumerable.Repeat("😀", 64)), string.Join('/', Enumerable.Repeat(Name255, 17)),
        },
    ];

    /// <summary>Accepted: they look dangerous to people or other systems, but the kernel sees one plain name in each segment.</summary>
    public static TheoryData<string> Benign =>
    [
        .. new[]
        {
            "", "x", "x/y", "a..b", "...", "....", "..x", "x..", ".x", "x.", ".hidden/.config", "a...b/c..d", " ", "  x  ", "x y/z w", "-rf", "--", "~", "~root", "$HOME", "`id`", "*", "?",
            "..\\x", "\\", "C:\\x", "C:", "c:x/y", "nul", "CON", "%2e%2e%2fx", "..%2f", "x;y", "x|y", "a\nb", "a\tb", "\u001b[31m", "\u202etxt.exe", "\u2028", "é", "e\u0301", "漢字/仮名", "😀", "👩‍👩‍👧",
            "\u2024\u2024", "．．", "‥", "․․/x", ".clustertransfer", "x'y\"z", "#", "&", "!", "[a]", "{a}",
            Name255, new string('é', 127), Name255 + "/" + Name255, string.Join('/', Enumerable.Repeat(Name255, 16)),
        },
    ];

    [Theory]
    [MemberData(nameof(Bad))]
    public void TryCreate_BadBytes_AreRefusedWithAReason(string text)
    {
        Assert.False(SafeRelativePath.TryCreate(Encoding.UTF8.GetBytes(text), out SafeRelativePath? path, out string? problem));
        Assert.Null(path);
        Assert.NotEmpty(problem);
    }

    [Theory]
    [MemberData(nameof(Benign))]
    public void TryCreate_BenignBytes_AreKeptExactly(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Assert.True(SafeRelativePath.TryCreate(bytes, out SafeRelativePath? path, out _));
        Assert.Equal(bytes, path.Bytes.ToArray());
        Assert.Equal(text.Length == 0, path.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Benign))]
    public void TryParse_BenignText_IsTheSamePath(string text)
    {
        Assert.True(SafeRelativePath.TryParse(text, out SafeRelativePath? path, out _));
        Assert.Equal(text, Encoding.UTF8.GetString(path.Bytes));
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc3, 0x28 })]
    [InlineData(new byte[] { (byte)'a', (byte)'/', 0x80, 0xfe, (byte)'b' })]
    [InlineData(new byte[] { 0xc0, 0xae, 0xc0, 0xae })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    public void TryCreate_NotUtf8_IsKeptExactly(byte[] bytes)
    {
        Assert.True(SafeRelativePath.TryCreate(bytes, out SafeRelativePath? path, out _));
        Assert.Equal(bytes, path.Bytes.ToArray());
        Assert.DoesNotContain('\uFFFD', path.ToString());
    }

    [Fact]
    public void TryCreate_CopiesItsInput()
    {
        byte[] bytes = "ab"u8.ToArray();
        Assert.True(SafeRelativePath.TryCreate(bytes, out SafeRelativePath? path, out _));
        bytes[0] = (byte)'/';
        Assert.Equal("ab", path.ToString());
    }

    [Fact]
    public void TryCreate_LongestPath_IsAcceptedOneMoreIsNot()
    {
        byte[] longest = Encoding.ASCII.GetBytes(string.Join('/', Enumerable.Repeat(Name255, 16)));
        Assert.Equal(4095, longest.Length);
        Assert.True(SafeRelativePath.TryCreate([.. longest[..^1], (byte)'/', (byte)'x'], out SafeRelativePath? path, out _));
        Assert.Equal(SafeRelativePath.MaxLength, path.Bytes.Length);
        Assert.False(SafeRelativePath.TryCreate([.. longest, (byte)'/', (byte)'x'], out _, out string? problem));
        Assert.Contains("4097", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x/", "x")]
    [InlineData("x//y", "x/y")]
    [InlineData("x/y///", "x/y")]
    public void TryParse_ForgivesWhatShellsProduce(string text, string expected)
    {
        Assert.True(SafeRelativePath.TryParse(text, out SafeRelativePath? path, out _));
        Assert.Equal(expected, path.ToString());
    }

    [Theory]
    [InlineData("/x", "starts with '/'")]
    [InlineData("/", "starts with '/'")]
    [InlineData("x/../y", "'..'")]
    [InlineData("./x", "'.'")]
    [InlineData("x\0", "NUL")]
    public void TryParse_BadText_SaysWhatIsWrong(string text, string part)
    {
        Assert.False(SafeRelativePath.TryParse(text, out _, out string? problem));
        Assert.Contains(part, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_HalfACharacter_IsRefused()
    {
        // Not as attribute data: there it would be stored as UTF-8 and arrive mended.
        Assert.False(SafeRelativePath.TryParse("x\ud800", out _, out string? problem));
        Assert.Contains("Unicode", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void NameAndParent_SplitAtTheLastSeparator()
    {
        SafeRelativePath path = Parse("a/b/c");
        Assert.Equal("c"u8, path.Name);
        Assert.Equal(Parse("a/b"), path.Parent);
        Assert.Equal(Parse("a"), path.Parent.Parent);
        Assert.Equal(SafeRelativePath.Empty, path.Parent.Parent.Parent);
        Assert.Equal(SafeRelativePath.Empty, SafeRelativePath.Empty.Parent);
        Assert.True(SafeRelativePath.Empty.Name.IsEmpty);
    }

    [Fact]
    public void Combine_JoinsAndKeepsTheLimit()
    {
        Assert.Equal(Parse("a/b/c"), Parse("a").Combine(Parse("b/c")));
        Assert.Equal(Parse("a"), Parse("a").Combine(SafeRelativePath.Empty));
        Assert.Equal(Parse("a"), SafeRelativePath.Empty.Combine(Parse("a")));
        SafeRelativePath longest = Parse(string.Join('/', Enumerable.Repeat(Name255, 16)));
        Assert.Throws<ArgumentException>(() => longest.Combine(Parse("x")));
    }

    [Theory]
    [InlineData("data/x", "data", true)]
    [InlineData("data", "data", true)]
    [InlineData("data", "", true)]
    [InlineData("", "", true)]
    [InlineData("data-evil/x", "data", false)]
    [InlineData("dat", "data", false)]
    [InlineData("", "data", false)]
    [InlineData("x/data", "data", false)]
    public void IsWithin_ComparesWholeSegments(string path, string folder, bool expected) => Assert.Equal(expected, Parse(path).IsWithin(Parse(folder)));

    [Theory]
    [InlineData("a/b/c", "a", "b/c")]
    [InlineData("a/b", "a/b", "")]
    [InlineData("a/b", "", "a/b")]
    public void RelativeTo_AFolderAbove_IsTheRest(string path, string folder, string expected)
    {
        SafeRelativePath relative = Parse(path).RelativeTo(Parse(folder));

        Assert.Equal(Parse(expected), relative);
        Assert.Equal(Parse(path), Parse(folder).Combine(relative));
    }

    [Fact]
    public void RelativeTo_AFolderElsewhere_Throws() => Assert.Throws<ArgumentException>(() => Parse("ab/c").RelativeTo(Parse("a")));

    [Fact]
    public void Equality_IsOfBytes()
    {
        Assert.Equal(Parse("a/b"), Parse("a/b"));
        Assert.Equal(Parse("a/b").GetHashCode(), Parse("a/b").GetHashCode());
        Assert.NotEqual(Parse("a/b"), Parse("a/B"));
        Assert.NotEqual(Parse("é"), Parse("e\u0301"));
        Assert.False(Parse("a").Equals(null));
    }

    [Fact]
    public void RandomBytes_AreAcceptedExactlyWhenNoSegmentIsSpecial()
    {
        var random = new Random(1);
        byte[] alphabet = [(byte)'.', (byte)'/', (byte)'a', 0, 0xff];
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = new byte[random.Next(0, 8)];
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = alphabet[random.Next(alphabet.Length)];
            }

            string text = Encoding.Latin1.GetString(bytes);
            bool expected = text.Length == 0 || (!text.Contains('\0', StringComparison.Ordinal) && text.Split('/').All(segment => segment is not ("" or "." or "..")));
            Assert.True(expected == SafeRelativePath.TryCreate(bytes, out _, out _), Convert.ToHexString(bytes));
        }
    }

    private static SafeRelativePath Parse(string text) => SafeRelativePath.TryParse(text, out SafeRelativePath? path, out string? problem) ? path : throw new ArgumentException(problem);
}
