using ClusterTransfer.Chaos.Invariants;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>Something to copy, and what it was when it was made.</summary>
internal sealed class SourceItem
{
    private SourceItem(string name, string path)
    {
        Name = name;
        Snapshot = TreeSnapshot.Of(path);
    }

    /// <summary>Its name in <c>src:</c>.</summary>
    public string Name { get; }

    public TreeSnapshot Snapshot { get; }

    /// <summary>Regular files in it.</summary>
    public int Files => Snapshot.Entries.Values.Count(entry => entry.Kind == "file");

    /// <summary>A tree of 16 chunks at 1 MiB: a file of 14, one of 1 and a pack of small ones; an empty file, a link, an empty folder.</summary>
    public static SourceItem SixteenChunks(string folder, int seed)
    {
        string root = Directory.CreateDirectory(Path.Combine(folder, "sixteen")).FullName;
        var random = new Random(seed);
        Write(Path.Combine(root, "large.bin"), (13 << 20) + 4097, random);
        Write(Path.Combine(root, "one.bin"), 1 << 20, random);
        string small = Directory.CreateDirectory(Path.Combine(root, "small")).FullName;
        for (int i = 0; i < 12; i++)
        {
            Write(Path.Combine(small, $"file-{i:00}"), random.Next(1, 20_000), random);
            File.SetUnixFileMode(Path.Combine(small, $"file-{i:00}"), (UnixFileMode)(i % 2 == 0 ? 0x1a4 : 0x180));
        }

        Write(Path.Combine(small, "nothing"), 0, random);
        Directory.CreateDirectory(Path.Combine(root, "empty"));
        File.CreateSymbolicLink(Path.Combine(root, "link"), "small/file-00");
        return new SourceItem("sixteen", root);
    }

    /// <summary>Many folders with two small files each, and two files with chunks of their own: what needs many descriptors.</summary>
    public static SourceItem ManyFolders(string folder, int seed)
    {
        string root = Directory.CreateDirectory(Path.Combine(folder, "many")).FullName;
        var random = new Random(seed);
        for (int i = 0; i < 64; i++)
        {
            string sub = Directory.CreateDirectory(Path.Combine(root, $"f{i:00}")).FullName;
            Write(Path.Combine(sub, "one"), random.Next(1, 10_000), random);
            Write(Path.Combine(sub, "two"), random.Next(1, 10_000), random);
        }

        Write(Path.Combine(root, "large-1"), 5 << 20, random);
        Write(Path.Combine(root, "large-2"), 3 << 20, random);
        return new SourceItem("many", root);
    }

    /// <summary>A file.</summary>
    public static SourceItem OfFile(string folder, string name, long size, int seed)
    {
        string path = Path.Combine(folder, name);
        Write(path, size, new Random(seed));
        return new SourceItem(name, path);
    }

    /// <summary>A tree of files whose sizes are anything from nothing to a few chunks.</summary>
    public static SourceItem Mixed(string folder, string name, int seed)
    {
        string root = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        var random = new Random(seed);
        int files = random.Next(1, 40);
        for (int i = 0; i < files; i++)
        {
            string sub = Directory.CreateDirectory(Path.Combine(root, $"f{random.Next(4)}")).FullName;
            int size = random.Next(10) switch { 0 => 0, 1 => 1 << 20, 2 => (1 << 20) + random.Next(-1, 2), 3 or 4 => random.Next(6 << 20), _ => random.Next(64 << 10) };
            Write(Path.Combine(sub, $"file-{i}"), size, random);
        }

        return new SourceItem(name, root);
    }

    private static void Write(string path, long size, Random random)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[1 << 20];
        for (long left = size; left > 0; left -= block.Length)
        {
            random.NextBytes(block);
            stream.Write(block, 0, (int)Math.Min(left, block.Length));
        }
    }
}
