using System.Text;
using System.Text.Json;
using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Model;

namespace ClusterTransfer.Fuzz.Paths;

/// <summary>A relative path from a peer, a disk or a user: refused, or a path that every other way of looking at it agrees is beneath its folder.</summary>
public sealed class PathTarget : ByteTarget
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly string[] Names = ["a", "b", "..", ".", "...", "", "a b", "\\", "C:", "ä", "~", "-", "con", "..\\", "%2e%2e", "\u202E", "e\u0301", ".git", "a\u0001"];

    public override string Name => "path";

    public override IReadOnlyList<ParserPart> Parser { get; } =
    [
        new("ClusterTransfer.Model.SafeRelativePath"),
        new("ClusterTransfer.Model.TransferAddress", "TryParse"),
        new("ClusterTransfer.Model.TransferAddressJsonConverter"),
        new("ClusterTransfer.Model.LocationName", "TryParse"),
        new("ClusterTransfer.Model.NameRules"),
        new("ClusterTransfer.Model.PathText"),
    ];

    protected override IReadOnlyList<byte[]> Pieces { get; } = [.. Names.Select(name => Encoding.UTF8.GetBytes("/" + name)), [0], [0xFF], [0xC0, 0xAE], "data:"u8.ToArray(), "//"u8.ToArray()];

    protected override IEnumerable<Seed> Seeds
    {
        get
        {
            foreach (string text in (string[])["", "a", "a/b/c", "../x", "a/../b", "/a", "a/", "a//b", "./a", "a/.", "a/..", "..", ".", "...", "..a", "a\\..\\b", "C:\\x", "//host/share", "a\0b", "%2e%2e/x", "data:a/b", "d:x",
                "data:../x", "data:/x", "data:a//b/", "e\u0301/\u00e9", "\u202Eabc", new string('n', 255), new string('n', 256), string.Join('/', Enumerable.Repeat(new string('n', 255), 16)),
                string.Join('/', Enumerable.Repeat(new string('n', 255), 17)), string.Join('/', Enumerable.Repeat("a", 2048)), string.Join('/', Enumerable.Repeat("a", 2049))])
            {
                yield return new Seed(text.Length > 40 ? text[..40] : text, Encoding.UTF8.GetBytes(text));
            }

            yield return new Seed("not UTF-8", [(byte)'a', (byte)'/', 0xFF, 0xC0, 0xAE]);
            yield return new Seed("surrogate in UTF-8", [0xED, 0xA0, 0x80]);
        }
    }

    public override bool Try(byte[] input, int choice)
    {
        Allocation allocation = Allocation.Begin();
        bool good = SafeRelativePath.TryCreate(input, out SafeRelativePath? path, out string? problem);
        allocation.End(input.Length, 2, 512);
        Check(good == IsGood(input), $"It was {(good ? "accepted" : "refused")}, against the rules said in the slow way ({problem}).");
        Check(good == problem is null && good == path is not null, "It is refused with a reason, and only then.");
        if (choice % 4 == 0)
        {
            CheckText(input, good);
        }

        CheckTyped(input, good);
        if (path is null)
        {
            return false;
        }

        Check(path.Bytes.SequenceEqual(input), "The path has other bytes than it was made of.");
        CheckParts(path, choice);
        CheckPlace(path);
        return true;
    }

    protected override byte[] MakeUp(Random random)
    {
        string text = string.Join('/', Enumerable.Range(0, random.Next(1, 6)).Select(_ => Names[random.Next(random.Next(2) == 0 ? 2 : Names.Length)]));
        return Encoding.UTF8.GetBytes(random.Next(4) == 0 ? "data:" + text : text);
    }

    // The rules, written down once more by their words.
    private static bool IsGood(ReadOnlySpan<byte> input)
    {
        int dots = 0;
        int length = 0;
        foreach (byte one in input)
        {
            if (one == '/')
            {
                if (length == 0 || length == dots)
                {
                    return false;
                }

                (length, dots) = (0, 0);
                continue;
            }

            length++;
            dots += one == '.' && length <= 2 ? 1 : 0;
            if (one == 0 || length > 255)
            {
                return false;
            }
        }

        return input.Length == 0 || (input.Length <= 4096 && length > 0 && length != dots);
    }

    private static void CheckText(byte[] input, bool good)
    {
        string shown = PathText.Escape(input);
        Check(!HasUnsafe(shown), "A shown path steers the terminal.");
        string safe = PathText.EscapeControls(Encoding.UTF8.GetString(input));
        Check(PathText.EscapeControls(safe) == safe && PathText.EscapeControls(shown) == shown, "Escaping twice is not the same as once.");
        Check(!good || (SafeRelativePath.TryCreate(input, out SafeRelativePath? path, out _) && path.ToString() == shown), "A path is shown otherwise than its bytes.");
    }

    // What a user types is forgiven doubled and trailing separators, and is then the same as what a peer says.
    private static void CheckTyped(byte[] input, bool good)
    {
        string text = Encoding.UTF8.GetString(input);
        bool isText = text.AsSpan().IndexOf('\uFFFD') < 0;
        bool typed = SafeRelativePath.TryParse(text, out SafeRelativePath? path, out string? problem);
        Check(typed == problem is null, "Text is refused with a reason, and only then.");
        Check(!good || !isText || (typed && path!.Bytes.SequenceEqual(input)), "What a peer may say a user may not type."); // parsed when typed
        if (typed)
        {
            Check(IsGood(path!.Bytes), "A user may type what a peer may not say."); // parsed when typed
            Check(SafeRelativePath.TryParse(Strict.GetString(path.Bytes), out SafeRelativePath? twice, out _) && twice.Equals(path), "Parsing twice is not the same as once.");
        }

        if (TransferAddress.TryParse(text, out TransferAddress? address, out string? refusal))
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(address);
            Check(address == JsonSerializer.Deserialize<TransferAddress>(json), "An address written and read again is another one.");
        }
        else
        {
            Check(refusal.Length > 0 && !HasUnsafe(refusal), "A refused address is shown as it is.");
        }
    }

    private static void CheckParts(SafeRelativePath path, int choice)
    {
        Check(path.IsWithin(SafeRelativePath.Empty) && path.IsWithin(path) && path.IsWithin(path.Parent), "A path is not within its parent.");
        if (path.IsEmpty)
        {
            Check(path.Parent.IsEmpty && path.Name.IsEmpty && path.Equals(SafeRelativePath.Empty), "The empty path has parts.");
            return;
        }

        Check(SafeRelativePath.TryCreate(path.Name, out SafeRelativePath? name, out _), "A name is no path of its own.");
        SafeRelativePath whole = path.Parent.Combine(name!); // created above
        Check(path.RelativeTo(path.Parent).Equals(name!) && path.RelativeTo(path).IsEmpty && path.RelativeTo(SafeRelativePath.Empty).Equals(path), "A path as seen from above is another one."); // created above
        Check(whole.Equals(path) && whole.GetHashCode() == path.GetHashCode() && !path.Parent.IsWithin(path), "Parent and name are not the path.");
        Check(!path.Equals(path.Parent), "A path is its parent.");
        if (choice % 32 == 0)
        {
            Check(!SeesFrom(path.Parent, path), "A path was seen from beneath.");
            bool fits = path.Bytes.Length * 2 < SafeRelativePath.MaxLength;
            Check(fits == Combines(path), "Combined paths are longer than any may be.");
        }
    }

    private static bool HasUnsafe(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (PathText.IsUnsafe(rune))
            {
                return true;
            }
        }

        return false;
    }

    private static bool SeesFrom(SafeRelativePath path, SafeRelativePath folder)
    {
        try
        {
            return path.RelativeTo(folder) is not null;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool Combines(SafeRelativePath path)
    {
        try
        {
            SafeRelativePath both = path.Combine(path);
            return IsGood(both.Bytes) && both.IsWithin(path);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // The framework, asked where such a path leads, must say the same.
    private static void CheckPlace(SafeRelativePath path)
    {
        string text = Encoding.Latin1.GetString(path.Bytes);
        Check(path.IsEmpty || Path.GetFullPath("/root/" + text) == "/root/" + text, "The path leads elsewhere.");
    }

    private static void Check(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FuzzException(problem);
        }
    }
}
