using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Outgoing.Scanning;

/// <summary>What the scanner found next: either an entry or an issue.</summary>
/// <param name="Path">Path in the transfer; null when it is longer than paths can be.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Issue">Why something at that path is not delivered.</param>
internal readonly record struct ScanItem(SafeRelativePath? Path, ManifestEntry? Entry, FileIssue? Issue)
{
    /// <summary>Whether a file has fewer blocks than bytes, so that it may have holes.</summary>
    public bool HasFewBlocks { get; init; }

    /// <summary>The path where it is too long to be one.</summary>
    public byte[]? LongPath { get; init; }

    /// <summary>Where a scan that ends after this item goes on.</summary>
    public ScanPosition Position => new(Path?.Bytes.ToArray() ?? LongPath ?? [], Entry?.Kind == EntryKind.Folder);
}

/// <summary>How far a scan came.</summary>
/// <param name="Path">Path of the last item in the transfer, perhaps too long to be one.</param>
/// <param name="ContentFollows">Whether that is a folder whose content has not been looked at.</param>
internal sealed record ScanPosition(byte[] Path, bool ContentFollows);
