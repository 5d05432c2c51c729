using System.Text;

namespace ClusterTransfer.Simulation.Nodes;

/// <summary>What is transferred: one of a few trees, made once for all runs, read-only from then on.</summary>
internal sealed class SourceTree
{
    private const int MiB = 1024 * 1024;

    private static readonly (string Name, (string Path, int Size)[] Files)[] Shapes =
    [
        ("one.bin", [("", (2 * MiB) + 300_001)]),
        ("exact.bin", [("", MiB)]),
        ("small", [("a", 0), ("b", 1), ("c/d", 4096), ("c/e", 70_000), ("c/f/g", 1023), ("h", 300_000)]),
        ("mixed", [("big.bin", MiB + 1), ("x/less.bin", MiB - 1), ("x/none", 0), ("x/y/two.bin", 2 * MiB), ("z", 17)]),
        ("row", [("1", MiB), ("2", MiB + 77), ("3", MiB), ("4", 500), ("5", 5000)]),
    ];

    private SourceTree(string name, IReadOnlyList<(string Path, byte[] Content)> files)
    {
        Name = name;
        Files = files;
        Bytes = files.Sum(file => (long)file.Content.Length);
    }

    public static int Count => Shapes.Length;

    /// <summary>Name of the file or folder in the source location, and of the result.</summary>
    public string Name { get; }

    /// <summary>Regular files: path within the result, empty for the result itself.</summary>
    public IReadOnlyList<(string Path, byte[] Content)> Files { get; }

    public long Bytes { get; }

    /// <summary>Makes all trees beneath a folder.</summary>
    public static IReadOnlyList<SourceTree> Create(string folder)
    {
        var random = new Random(1);
        Directory.CreateDirectory(folder);
        var trees = new List<SourceTree>();
        foreach ((string name, (string Path, int Size)[] shape) in Shapes)
        {
            var files = new List<(string, byte[])>();
            foreach ((string path, int size) in shape)
            {
                byte[] content = new byte[size];
                random.NextBytes(content);
                string full = Path.Combine(folder, name, path).TrimEnd('/');
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                File.WriteAllBytes(full, content);
                files.Add((path, content));
            }

            trees.Add(new SourceTree(name, files));
        }

        return trees;
    }

    /// <summary>The files as they are under a folder, where a file exists.</summary>
    public IEnumerable<(string Path, byte[] Expected, string Full)> At(string folder) =>
        Files.Select(file => (file.Path, file.Content, Path.Combine(folder, Name, file.Path).TrimEnd('/')));

    public override string ToString() => new StringBuilder(Name).Append(", ").Append(Files.Count).Append(" files, ").Append(Bytes).Append(" bytes").ToString();
}
