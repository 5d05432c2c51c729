using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Hashing;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Fuzz.Manifests;

/// <summary>Manifest pages: right ones, and ones that break one rule each.</summary>
internal static class ManifestSeeds
{
    private const int OneMiB = 1 << 20;

    /// <summary>A page with one entry of each kind.</summary>
    public static byte[] Encoded() => ManifestCodec.EncodeUnchecked(Page(0, 0, 0, Mixed()));

    public static IEnumerable<Seed> All()
    {
        yield return Good("one of each", Page(0, 0, 0, Mixed()));
        yield return Good("later page", Page(3, 12_000, 70_000, [File("x/y", 5)]));
        yield return Good("identities", Page(0, 0, 0,
        [
            File("a", 5) with { Identity = new FileIdentity(1, 2, 5, 77, 3) },
            File("b", 5) with { Identity = new FileIdentity(ulong.MaxValue, ulong.MaxValue, 6, -1, long.MinValue) },
        ]));
        yield return Good("sizes around the chunk size", Page(0, 0, 0, [File("a", 0), File("b", OneMiB - 1), File("c", OneMiB), File("d", OneMiB + 1), File("e", 1), File("f", 16_385L * OneMiB)]));
        yield return Good("largest page of chunks", Page(0, 0, 0, [File("a", 1L << 48)]));
        yield return Good("long shared paths", Page(0, 0, 0, [.. Enumerable.Range(0, 20).Select(i => File(Long(i), 9))]));
        yield return Good("a full pack", Page(0, 0, 0, [.. Enumerable.Range(0, 1030).Select(i => File($"{i:d4}", 0))]));
        foreach (long size in (long[])[-1, int.MaxValue, 1L << 32, (1L << 48) + 1, long.MaxValue, long.MinValue])
        {
            yield return Good($"size {size}", Page(0, 0, 0, [File("a", size)]));
            yield return Good($"two of size {size}", Page(0, 0, 0, [File("a", size), File("b", size)]));
        }

        foreach (uint index in (uint[])[int.MaxValue, uint.MaxValue - 1, uint.MaxValue])
        {
            yield return Good($"first entry {index}", Page(0, index, 0, Mixed()));
            yield return Good($"first chunk {index}", Page(0, 0, index, Mixed()));
            yield return Good($"number {index}", Page((int)index, 0, 0, Mixed()));
        }

        yield return Good("no entries", Page(0, 0, 0, []));
        yield return Good("path twice", Page(0, 0, 0, [File("a", 1), File("a", 1)]));
        yield return Good("mode beyond", Page(0, 0, 0, [File("a", 1) with { Mode = 0xFFFF }]));
        yield return Good("kind 0", Page(0, 0, 0, [File("a", 1) with { Kind = 0 }]));
        yield return Good("kind 4", Page(0, 0, 0, [File("a", 1) with { Kind = (EntryKind)4 }]));
        yield return Good("empty path", Page(0, 0, 0, [File("a", 1) with { Path = SafeRelativePath.Empty }]));
        yield return Good("empty link", Page(0, 0, 0, [Link("l", "")]));
        yield return Good("link with NUL", Page(0, 0, 0, [Link("l", "a\0b")]));
        yield return Good("longest link", Page(0, 0, 0, [Link("l", new string('t', 4095))]));
        yield return Good("link too long", Page(0, 0, 0, [Link("l", new string('t', 4096))]));
        foreach (int chunkSize in (int[])[1, 1 << 19, 1 << 21, 1 << 24])
        {
            yield return Good($"chunk size {chunkSize}", Page(0, 0, 0, Mixed()) with { BaseChunkSize = chunkSize });
        }

        yield return Good("sparse", Page(0, 0, 0, [Sparse("a", 10, new FileHole(0, 3), new FileHole(5, 1)), Sparse("b", 1L << 20, new FileHole(1, 16_000))]));
        yield return Good("most holes", Page(0, 0, 0, [Sparse("a", 2050, [.. Enumerable.Range(0, 1024).Select(i => new FileHole(2 * i, 1))])]));
        yield return Good("a hole too many", Page(0, 0, 0, [Sparse("a", 2055, [.. Enumerable.Range(0, 1025).Select(i => new FileHole(2 * i, 1))])]));
        yield return Good("largest sparse file", Page(0, 0, 0, [File("a", long.MaxValue) with { Holes = [new FileHole(0, (1L << 39) - 2)] }]));
        yield return Good("holes that touch", Page(0, 0, 0, [Sparse("a", 10, new FileHole(0, 3), new FileHole(3, 1))]));
        yield return Good("holes out of order", Page(0, 0, 0, [Sparse("a", 10, new FileHole(5, 1), new FileHole(0, 1))]));
        yield return Good("a hole to the end", Page(0, 0, 0, [Sparse("a", 10, new FileHole(5, 5))]));
        yield return Good("a hole in a small file", Page(0, 0, 0, [File("a", 5) with { Holes = [new FileHole(0, 1)] }]));
        yield return Good("a hole in a folder", Page(0, 0, 0, [Folder("a") with { Holes = [new FileHole(0, 1)] }]));
        foreach (long wrong in (long[])[0, -1, int.MaxValue, 1L << 32, (1L << 43) - 1, 1L << 43, (1L << 43) + 1, long.MaxValue, long.MinValue])
        {
            yield return Good($"hole of {wrong} pieces", Page(0, 0, 0, [Sparse("a", 10, new FileHole(1, wrong))]));
            yield return Good($"hole from piece {wrong}", Page(0, 0, 0, [Sparse("a", 10, new FileHole(wrong, 1))]));
            yield return Good($"second hole {wrong} further", Page(0, 0, 0, [Sparse("a", 10, new FileHole(0, 1), new FileHole(wrong, wrong))]));
        }

        foreach (ushort count in (ushort[])[0, 2, 4096, 4097, ushort.MaxValue])
        {
            byte[] bytes = ManifestCodec.EncodeUnchecked(Page(0, 0, 0, [File("a", 1)]));
            BitConverter.GetBytes(count).CopyTo(bytes, 46);
            yield return new Seed($"count {count} and one there", bytes);
        }

        yield return new Seed("climbing path", Replaced("aa/bb", "../bb"));
        yield return new Seed("absolute path", Replaced("aa/bb", "/a/bb"));
        yield return new Seed("path with NUL", Replaced("aa/bb", "a\0/bb"));
        yield return new Seed("path with an empty name", Replaced("aa/bb", "a//bb"));
        yield return new Seed("nothing", []);
        yield return new Seed("version 2", [2, 0, 0]);
        yield return new Seed("longer than any page", new byte[ManifestLimits.MaxEncodedPage + 1]);
    }

    public static ManifestEntry File(string path, long size) => new(EntryKind.File, PathOf(path), size, 0x1A4, 77, default, default);

    /// <summary>A file of so many pieces of 1 MiB, without some.</summary>
    public static ManifestEntry Sparse(string path, long pieces, params FileHole[] holes) => File(path, pieces * OneMiB) with { Holes = holes };

    public static ManifestEntry Folder(string path) => new(EntryKind.Folder, PathOf(path), 4096, 0x1ED, 78, default, default);

    public static ManifestEntry Link(string path, string target) =>
        new(EntryKind.SymbolicLink, PathOf(path), 0, 0x1FF, 79, default, System.Text.Encoding.UTF8.GetBytes(target));

    public static ManifestPage Page(int number, uint firstEntry, uint firstChunk, IReadOnlyList<ManifestEntry> entries) =>
        new(number, firstEntry, firstChunk, OneMiB, number == 0 ? default : Blake3.Hash("before"u8), entries);

    public static SafeRelativePath PathOf(string text) =>
        SafeRelativePath.TryCreate(System.Text.Encoding.UTF8.GetBytes(text), out SafeRelativePath? path, out string? problem) ? path : throw new ArgumentException(problem);

    private static List<ManifestEntry> Mixed() => [Folder("r"), File("r/a", 10), Link("r/b", "../x"), Folder("r/c"), File("r/c/d", 5 * OneMiB), File("r/c/e", 20), File("r/f", 0)];

    private static string Long(int number) => string.Join('/', Enumerable.Repeat(new string('n', 100), 12)) + "/" + number.ToString("d3", System.Globalization.CultureInfo.InvariantCulture);

    private static Seed Good(string name, ManifestPage page) => new(name, ManifestCodec.EncodeUnchecked(page));

    private static byte[] Replaced(string path, string by)
    {
        byte[] bytes = ManifestCodec.EncodeUnchecked(Page(0, 0, 0, [File(path, 1)]));
        System.Text.Encoding.UTF8.GetBytes(by).CopyTo(bytes, bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(path)));
        return bytes;
    }
}
