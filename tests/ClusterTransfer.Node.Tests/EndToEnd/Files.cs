using System.Security.Cryptography;

namespace ClusterTransfer.Node.Tests.EndToEnd;

/// <summary>Content for sources, and what must be true of destinations.</summary>
internal static class Files
{
    /// <summary>Bytes that are the same for the same seed and never repeat within a file.</summary>
    public static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
#pragma warning disable CA5394 // Content, not a secret: the same in every run.
        new Random(seed).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }

    /// <summary>Writes a file, with its folders.</summary>
    public static string Write(string path, int length, int seed = 1)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Bytes(length, seed));
        return path;
    }

    public static void AssertEqual(string expected, string actual) =>
        Assert.Equal(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(expected))), Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(actual))));

    /// <summary>What users see in a folder, sorted: everything but the node's own folder.</summary>
    public static string[] Names(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path))
            .Where(name => name.Split('/')[0] != ".clustertransfer")
            .Order(StringComparer.Ordinal)];

    /// <summary>What a node keeps of transfers in a location.</summary>
    public static string[] Staged(string folder) =>
        Directory.Exists(Path.Combine(folder, ".clustertransfer"))
            ? [.. Directory.EnumerateFileSystemEntries(Path.Combine(folder, ".clustertransfer")).Where(Directory.Exists)]
            : [];
}
