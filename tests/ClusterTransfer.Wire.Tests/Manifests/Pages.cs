using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Wire.Tests.Manifests;

/// <summary>Pages for tests.</summary>
internal static class Pages
{
    public const int Base = ChunkSizes.Min;

    public static SafeRelativePath Path(string text) =>
        SafeRelativePath.TryParse(text, out SafeRelativePath? path, out string? problem) ? path : throw new FormatException(problem);

    public static ManifestEntry File(string path, long size) => new(EntryKind.File, Path(path), size, 0x1A4, 0, default, default);

    public static ManifestEntry Folder(string path) => new(EntryKind.Folder, Path(path), 0, 0x1ED, 0, default, default);

    public static ManifestEntry Link(string path, string target) =>
        new(EntryKind.SymbolicLink, Path(path), 0, 0x1FF, 0, default, System.Text.Encoding.UTF8.GetBytes(target));

    public static ManifestPage Of(params ManifestEntry[] entries) => new(0, 0, 0, Base, default, entries);

    /// <summary>Files of these sizes, named by their place.</summary>
    public static ManifestPage OfSizes(params long[] sizes) => Of([.. sizes.Select((size, i) => File($"root/{i}", size))]);

    /// <summary>A page of any shape, with sizes dense around those where the plan changes.</summary>
    public static ManifestPage Random(Random random, int maxEntries = 60)
    {
        int baseChunkSize = ChunkSizes.Min << random.Next(5);
        int count = random.Next(1, maxEntries + 1);
        ManifestEntry[] entries = [.. Enumerable.Range(0, count).Select(i => RandomEntry(random, i, baseChunkSize))];
        return new ManifestPage(random.Next(), (uint)random.Next(), (uint)random.Next(), baseChunkSize, Frames.BodyCase.RandomDigest(random), entries);
    }

    private static ManifestEntry RandomEntry(Random random, int number, int baseChunkSize)
    {
        var kind = (EntryKind)(random.Next(8) switch { 0 => 2, 1 => 3, _ => 1 });
        long size = random.Next(7) switch
        {
            0 => 0,
            1 => random.Next(100),
            2 => baseChunkSize - random.Next(3),
            3 => baseChunkSize + random.Next(3),
            4 => random.NextInt64(40L * baseChunkSize),
            5 => random.NextInt64(1L << 38),
            _ => random.Next(baseChunkSize),
        };
        long modifiedNs = random.NextInt64(long.MinValue, long.MaxValue);
        byte[] name = new byte[random.Next(1, 20)];
        random.NextBytes(name);
        for (int i = 0; i < name.Length; i++)
        {
            name[i] = name[i] is 0 or (byte)'/' ? (byte)'_' : name[i];
        }

        byte[] path = [.. "root/"u8, .. System.Text.Encoding.ASCII.GetBytes($"{number}."), .. name];
        Assert.True(SafeRelativePath.TryCreate(path, out SafeRelativePath? safe, out _));
        FileIdentity identity = random.Next(3) switch
        {
            0 => default,
            1 => new FileIdentity((ulong)random.NextInt64(), (ulong)random.NextInt64(), size, modifiedNs, random.NextInt64()),
            _ => new FileIdentity(ulong.MaxValue, (ulong)random.Next(200), random.NextInt64(), random.NextInt64(), -random.NextInt64()),
        };
        byte[] target = kind == EntryKind.SymbolicLink ? TestData.Random(number, random.Next(1, 50)) : [];
        for (int i = 0; i < target.Length; i++)
        {
            target[i] |= 1;
        }

        return new ManifestEntry(kind, safe, size, random.Next(4096), modifiedNs, identity, target)
        {
            Holes = kind == EntryKind.File && size >= baseChunkSize && random.Next(2) == 0 ? RandomHoles(random, size, baseChunkSize) : [],
        };
    }

    private static FileHole[] RandomHoles(Random random, long size, int baseChunkSize)
    {
        long pieces = ChunkSizes.CountOf(size, ChunkSizes.For(size, baseChunkSize));
        var holes = new List<FileHole>();
        long at = random.Next(3);
        while (at < pieces - 1 && holes.Count < 20)
        {
            var hole = new FileHole(at, random.NextInt64(1, pieces - at));
            holes.Add(hole);
            at = hole.End + 1 + random.Next(3);
        }

        return [.. holes];
    }
}
