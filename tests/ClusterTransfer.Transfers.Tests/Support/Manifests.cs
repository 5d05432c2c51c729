using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Tests.Support;

/// <summary>Pages without files behind them: plans need sizes only.</summary>
internal static class Manifests
{
    public const int MiB = 1024 * 1024;

    /// <summary>One page of files with those sizes; base chunk size 1 MiB.</summary>
    public static ManifestPage Page(int number, uint firstEntry, uint firstChunk, params IEnumerable<long> sizes) => new(
        number,
        firstEntry,
        firstChunk,
        MiB,
        default,
        [.. sizes.Select((size, i) => Entry($"tree/{firstEntry + (uint)i:d6}", size))]);

    public static ManifestEntry Entry(string path, long size) => new(
        EntryKind.File, Path(path), size, 0x1a4, 0, default, default);

    public static SafeRelativePath Path(string text) =>
        SafeRelativePath.TryCreate(Encoding.UTF8.GetBytes(text), out SafeRelativePath? path, out string? problem) ? path : throw new FormatException(problem);
}
