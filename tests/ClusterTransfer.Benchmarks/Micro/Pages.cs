using System.Globalization;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Benchmarks.Micro;

/// <summary>Manifest pages without files behind them.</summary>
internal static class Pages
{
    private const int MiB = 1024 * 1024;

    public static ManifestPage OfSmallFiles(int files)
    {
        var page = new ManifestPageBuilder(0, 0, 0, MiB, default);
        for (int i = 0; i < files; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"tree/folder-{i / 8:d4}/file-{i:d6}.txt");
            if (!page.TryAdd(new ManifestEntry(EntryKind.File, SafeRelativePath.TryParse(name, out SafeRelativePath? path, out string? problem) ? path : throw new FormatException(problem), 2000 + i, 0x1a4, 0, default, default)))
            {
                throw new ArgumentException($"A page has no room for {files} files.", nameof(files));
            }
        }

        return page.Build();
    }
}
