using System.Globalization;

namespace ClusterTransfer.Benchmarks.Transfer.Data;

/// <summary>Names, folders and sizes of a tree such as a system's: most files small, a few large, folders of eight files nested up to ten deep.</summary>
internal static class TreeShape
{
    private const int FilesInAFolder = 8;
    private const int MaxDepth = 10;

    /// <summary>Part of all files that are no larger; from 139,000 files of /usr of a Debian with developer tools. The largest are cut at 60 MB: 20,000 files are about 860 MB.</summary>
    private static readonly (double Part, double Bytes)[] Sizes =
    [
        (0, 1), (0.02, 71), (0.05, 193), (0.1, 421), (0.2, 783), (0.3, 1_138), (0.4, 1_577), (0.5, 2_354), (0.6, 3_614), (0.7, 6_311), (0.8, 13_523), (0.9, 30_682),
        (0.95, 69_968), (0.98, 178_267), (0.99, 373_472), (0.995, 793_384), (0.998, 2_433_656), (0.9995, 8_000_000), (1, 60_000_000),
    ];

    private static readonly string[] Endings = [".so", ".h", ".py", ".json", ".xml", ".html", ".png", ".txt", ".dll", ".mo", ".conf", ".gz", ""];

    /// <summary>The files of a tree, folders before what is in them.</summary>
    /// <param name="files">How many.</param>
    /// <param name="seed">The same seed, the same tree.</param>
    /// <returns>Paths relative to the tree, with sizes in bytes.</returns>
    public static IEnumerable<(string Path, int Bytes)> Files(int files, ulong seed)
    {
        var random = new SeededBytes(seed);
        var folders = new List<(string Path, int Depth)> { ("", 0) };
        for (int index = 0; index < files; index++)
        {
            if (index % FilesInAFolder == 0 && index > 0)
            {
                (string path, int depth) = folders[random.Below(folders.Count)];
                string name = string.Create(CultureInfo.InvariantCulture, $"folder-{folders.Count}");
                folders.Add(depth < MaxDepth ? ($"{path}{name}/", depth + 1) : ($"{name}/", 1));
            }

            // Sizes are spread evenly over the distribution, so that a small tree has its share of large files, too.
            double part = (index + random.Fraction()) * 0.6180339887498949 % 1;
            yield return (string.Create(CultureInfo.InvariantCulture, $"{folders[^1].Path}file-{index}{Endings[random.Below(Endings.Length)]}"), SizeAt(part));
        }
    }

    private static int SizeAt(double part)
    {
        int above = Array.FindIndex(Sizes, size => size.Part >= part);
        if (above <= 0)
        {
            return 0;
        }

        (double lowPart, double low) = Sizes[above - 1];
        (double highPart, double high) = Sizes[above];
        return (int)Math.Exp(Math.Log(low) + ((part - lowPart) / (highPart - lowPart) * Math.Log(high / low)));
    }
}
