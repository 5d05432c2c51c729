using ClusterTransfer.Model;

namespace ClusterTransfer.Chaos.Harness;

/// <summary>Proof that what arrived is what was there, by other tools than ours, and that nothing else was left.</summary>
internal static class Equality
{
    /// <summary>One file: every byte by <c>cmp</c>, and the hash of the bytes as they were made.</summary>
    public static async Task OfFileAsync(Cluster cluster, SourceData data, SourceFile file)
    {
        string copy = Path.Combine(cluster.DestinationFolder, "in", file.Name);
        Assert.Equal([file.Name], Directory.GetFileSystemEntries(Path.GetDirectoryName(copy)!).Select(Path.GetFileName));
        await ProcessRun.CallAsync("cmp", Path.Combine(data.Folder, file.Name), copy);
        Assert.Equal(file.Digest, SourceData.HashOf(copy));
        Assert.Equal(File.GetLastWriteTimeUtc(Path.Combine(data.Folder, file.Name)), File.GetLastWriteTimeUtc(copy));
    }

    /// <summary>A tree: every byte by <c>diff</c>; type, mode, time and link target of everything, folders included, by <c>find</c>.</summary>
    public static async Task OfTreeAsync(Cluster cluster, SourceData data, string name)
    {
        await ProcessRun.CallAsync("diff", "-r", "--no-dereference", Path.Combine(data.Folder, name), Path.Combine(cluster.DestinationFolder, "in", name));
        string[] expected = await ListAsync(data.Folder, name);
        string[] actual = await ListAsync(Path.Combine(cluster.DestinationFolder, "in"), name);
        Assert.True(expected.Length > SourceData.TreeFiles, $"Only {expected.Length} entries were listed.");
        Assert.Equal(expected.Length, actual.Length);
        Assert.Equal(expected.Except(actual, StringComparer.Ordinal), []);
    }

    /// <summary>Both ends forget an ended transfer: no staged file, no journal, no manifest. The word of it comes by message, so it is waited for.</summary>
    public static async Task NothingLeftAsync(Cluster cluster, TransferId id)
    {
        string staging = Path.Combine(cluster.DestinationFolder, ".clustertransfer", id.Value);
        string manifest = Path.Combine(cluster.Source.StateFolder, "outgoing", id.Value);
        await Patience.UntilAsync($"'{staging}' is gone", Patience.Process, () => !Directory.Exists(staging));
        await Patience.UntilAsync($"'{manifest}' is gone", Patience.Process, () => !Directory.Exists(manifest));
    }

    private static async Task<string[]> ListAsync(string folder, string name)
    {
        IReadOnlyList<string> lines = await ProcessRun.CallAsync("find", Path.Combine(folder, name), "-printf", "%y %m %T@ %l %P\\n");
        return [.. lines.Order(StringComparer.Ordinal)];
    }
}
