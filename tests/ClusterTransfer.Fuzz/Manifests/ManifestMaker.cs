using ClusterTransfer.Fuzz.Bytes;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Fuzz.Manifests;

/// <summary>Pages of a random tree, most of them in the right order; now and then a rule is broken.</summary>
internal static class ManifestMaker
{
    private static readonly long[] Sizes = [0, 1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20, 16 << 20, 1L << 30, 17L << 30, 1L << 33, 1L << 36];
    private static readonly string[] Names = ["a", "b", "c", "a.txt", "a b", "z", "ä", "nnnnnnnnnnnnnnnnnnnnnnnnnnnn", ".x", "~", "-", "\u0001"];

    public static byte[] Make(Random random) => ManifestCodec.EncodeUnchecked(Page(random));

    public static ManifestPage Page(Random random)
    {
        List<ManifestEntry> entries = Tree(random, random.Next(1, 12));
        if (random.Next(8) == 0)
        {
            entries[random.Next(entries.Count)] = entries[random.Next(entries.Count)];
        }

        int number = random.Next(4) == 0 ? random.Next(5) : 0;
        return ManifestSeeds.Page(number, Index(random), Index(random), entries) with { BaseChunkSize = 1 << random.Next(random.Next(8) == 0 ? 18 : 20, 25) };
    }

    /// <summary>A result and what lies beneath it, in the manifest's order.</summary>
    public static List<ManifestEntry> Tree(Random random, int count)
    {
        if (count == 1)
        {
            return [ManifestSeeds.File("r", Size(random))];
        }

        var paths = new SortedDictionary<string, bool>(StringComparer.Ordinal) { ["r"] = true };
        string folder = "r";
        while (paths.Count < count)
        {
            string path = folder + "/" + Names[random.Next(Names.Length)];
            bool isFolder = random.Next(4) == 0;
            if (!paths.TryAdd(path, isFolder))
            {
                folder = "r";
                count--;
                continue;
            }

            folder = isFolder && path.Length < 200 ? path : folder;
        }

        // A separator sorts below every other byte: all of a folder before its next sibling.
        return [.. paths.OrderBy(pair => pair.Key.Replace('/', '\0'), StringComparer.Ordinal).Select(pair => pair.Value ? ManifestSeeds.Folder(pair.Key) : Leaf(pair.Key, random))];
    }

    private static ManifestEntry Leaf(string path, Random random)
    {
        if (random.Next(8) == 0)
        {
            return ManifestSeeds.Link(path, random.Next(8) == 0 ? string.Empty : "../target");
        }

        ManifestEntry file = ManifestSeeds.File(path, Size(random));
        return random.Next(4) switch
        {
            0 => file with { Identity = new FileIdentity(5, (ulong)Damage.Number(random), file.Size, file.ModifiedNs, 9) },
            1 => file with { Identity = new FileIdentity(5, 6, Damage.Number(random), 7, 8) },
            2 when file.Size > 1 << 20 => file with { Holes = Holes(file.Size, random) },
            _ => file,
        };
    }

    // Mostly such as a scanner finds them; the pieces of large files are larger, so some lie beyond.
    private static List<FileHole> Holes(long size, Random random)
    {
        List<FileHole> holes = [];
        long pieces = size >> 20;
        long from = 0;
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            long first = random.Next(40) == 0 ? Damage.Number(random) : from + (random.NextInt64() % Math.Max(1, pieces / 4));
            long count = random.Next(40) == 0 ? Damage.Number(random) : 1 + (random.NextInt64() % Math.Max(1, pieces / 4));
            holes.Add(new FileHole(first, count));
            from = unchecked(first + count + 1);
        }

        return holes;
    }

    private static long Size(Random random) => random.Next(16) == 0 ? Damage.Number(random) : Sizes[random.Next(Sizes.Length)];

    private static uint Index(Random random) => random.Next(8) == 0 ? (uint)Damage.Number(random) : 0;
}
