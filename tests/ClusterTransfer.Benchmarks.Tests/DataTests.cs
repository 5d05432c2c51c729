using ClusterTransfer.Benchmarks.Transfer.Data;
using ClusterTransfer.TestKit;

namespace ClusterTransfer.Benchmarks.Tests;

public sealed class DataTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void Tree_IsOfTheSizeOfASystems()
    {
        (string Path, int Bytes)[] files = [.. TreeShape.Files(20_000, seed: 3)];

        Assert.Equal(20_000, files.Select(file => file.Path).Distinct().Count());
        Assert.InRange(files.Sum(file => (long)file.Bytes), 820_000_000, 900_000_000);
        Assert.InRange(files.Select(file => file.Bytes).Order().ElementAt(10_000), 2_000, 2_700);
        Assert.True(files.Max(file => file.Path.Count(letter => letter == '/')) > 3);
    }

    [Fact]
    public void SystemLikeBytes_CompressToAThird()
    {
        byte[] bytes = new byte[8 << 20];
        new SystemLikeBytes(2).Fill(bytes);
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.DeflateStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        Assert.InRange(bytes.Length / (double)packed.Length, 2.3, 3.8);
    }

    [Fact]
    public void Made_IsTheSameEachTime_AndIncompressibleIsIncompressible()
    {
        DataSet one = new DataMaker(_folder.Create("a"), TestContext.Current.CancellationToken).Incompressible("big", 3_000_001);
        DataSet two = new DataMaker(_folder.Create("b"), TestContext.Current.CancellationToken).Incompressible("big", 3_000_001);

        byte[] bytes = File.ReadAllBytes(one.Path);
        Assert.Equal(3_000_001, bytes.Length);
        Assert.Equal(bytes, File.ReadAllBytes(two.Path));
        Assert.InRange(bytes.CountBy(value => value).Max(pair => pair.Value), 3_000_001 / 256, 3_000_001 / 256 * 11 / 10);
    }

    [Fact]
    public void Difference_SeesWhatIsMissingOtherOrMore()
    {
        DataSet tree = new DataMaker(_folder.Create("data"), TestContext.Current.CancellationToken).Tree("tree", 12);
        string copy = _folder["copy"];
        Assert.Contains("is missing", Comparison.Difference(tree, copy), StringComparison.Ordinal);
        foreach (string file in tree.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
            File.Copy(Path.Combine(tree.Folder, file), Path.Combine(copy, file));
        }

        Assert.Null(Comparison.Difference(tree, copy));
        Assert.Equal(tree.Bytes, tree.Files.Sum(file => new FileInfo(Path.Combine(copy, file)).Length));

        string victim = Path.Combine(copy, tree.Files[5]);
        byte[] bytes = File.ReadAllBytes(victim);
        bytes[^1] ^= 1;
        File.WriteAllBytes(victim, bytes);
        Assert.Equal($"{tree.Files[5]} has other bytes", Comparison.Difference(tree, copy));

        File.WriteAllText(Path.Combine(copy, "more"), "");
        Assert.Equal("more is there and was not sent", Comparison.Difference(tree, copy));
    }

    [Fact]
    public void Cleared_CopiesAreSetAsideWithoutTheirBytes()
    {
        var landing = new Landing(_folder.Path);
        string copy = Directory.CreateDirectory(Path.Combine(landing.Of("ct"), "copy-1")).FullName;
        File.WriteAllText(Path.Combine(copy, "x"), "bytes");

        landing.Clear(copy);

        Assert.False(Directory.Exists(copy));
        string aside = Assert.Single(Directory.GetFiles(_folder.Path, "x", SearchOption.AllDirectories));
        Assert.Empty(File.ReadAllBytes(aside));
    }

    public void Dispose() => _folder.Dispose();
}
