using System.Security.Cryptography;

namespace ClusterTransfer.Chaos.Invariants;

/// <summary>One entry of a tree as anybody can see it.</summary>
/// <param name="Kind">file, folder or link.</param>
/// <param name="Size">Bytes of a file.</param>
/// <param name="Mode">Permission bits; of a link nothing.</param>
/// <param name="ModifiedTicks">Modification time.</param>
/// <param name="Content">SHA-256 of a file, target of a link.</param>
internal sealed record SnapshotEntry(string Kind, long Size, int Mode, long ModifiedTicks, string Content);

/// <summary>What a tree holds: compared by SHA-256, which is nothing the nodes compute.</summary>
internal sealed class TreeSnapshot
{
    private TreeSnapshot(IReadOnlyDictionary<string, SnapshotEntry> entries) => Entries = entries;

    /// <summary>By relative path; the item itself is ".".</summary>
    public IReadOnlyDictionary<string, SnapshotEntry> Entries { get; }

    /// <summary>Bytes in files.</summary>
    public long Bytes => Entries.Values.Sum(entry => entry.Size);

    /// <summary>Reads a file or a tree; nothing when there is none.</summary>
    public static TreeSnapshot Of(string item)
    {
        var entries = new SortedDictionary<string, SnapshotEntry>(StringComparer.Ordinal);
        if (Path.Exists(item))
        {
            Add(entries, item, ".");
        }

        return new TreeSnapshot(entries);
    }

    /// <summary>SHA-256 of a file.</summary>
    public static string HashOf(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Every difference, for people; nothing when they are the same.</summary>
    public IReadOnlyList<string> DifferencesTo(TreeSnapshot other) =>
    [
        .. Entries.Keys.Union(other.Entries.Keys).Order(StringComparer.Ordinal)
            .Where(path => Entries.GetValueOrDefault(path) != other.Entries.GetValueOrDefault(path))
            .Select(path => $"{path}: {Entries.GetValueOrDefault(path)?.ToString() ?? "nothing"} here, {other.Entries.GetValueOrDefault(path)?.ToString() ?? "nothing"} there"),
    ];

    private static void Add(SortedDictionary<string, SnapshotEntry> entries, string path, string name)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is { } target)
        {
            entries[name] = new SnapshotEntry("link", 0, 0, info.LastWriteTimeUtc.Ticks, target);
        }
        else if (Directory.Exists(path))
        {
            var folder = new DirectoryInfo(path);
            entries[name] = new SnapshotEntry("folder", 0, (int)folder.UnixFileMode, folder.LastWriteTimeUtc.Ticks, "");
            foreach (FileSystemInfo child in folder.EnumerateFileSystemInfos())
            {
                Add(entries, child.FullName, name == "." ? child.Name : $"{name}/{child.Name}");
            }
        }
        else
        {
            entries[name] = new SnapshotEntry("file", info.Length, (int)info.UnixFileMode, info.LastWriteTimeUtc.Ticks, HashOf(path));
        }
    }
}
