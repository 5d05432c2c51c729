using ClusterTransfer.Model;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Storage.Incoming;

/// <summary>The one order in which entries may come: depth first, names of a folder in the order of their bytes, a folder before its content, the result itself first.</summary>
/// <remarks>A strictly rising order in which every parent was announced as a folder leaves no room for a path twice, for a file used as a folder or for a
/// path outside the result, and costs the memory of one path however many entries there are. Immutable: a refused page changes nothing.</remarks>
internal sealed record ManifestOrder(SafeRelativePath Previous, EntryKind PreviousKind)
{
    /// <summary>Before the first entry.</summary>
    public static readonly ManifestOrder Start = new(SafeRelativePath.Empty, EntryKind.Folder);

    /// <summary>Takes the entries of the next page.</summary>
    /// <param name="entries">In the page's order.</param>
    /// <param name="next">The order after them when the result is null.</param>
    /// <returns>Null, or what is wrong.</returns>
    public string? TryAdvance(IReadOnlyList<ManifestEntry> entries, out ManifestOrder next)
    {
        next = this;
        foreach (ManifestEntry entry in entries)
        {
            string? problem = next.Check(entry);
            if (problem is not null)
            {
                next = this;
                return $"the entry '{entry.Path}' {problem}";
            }

            next = new ManifestOrder(entry.Path, entry.Kind);
        }

        return null;
    }

    /// <summary>Compares two paths name by name.</summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        // A separator sorts below every byte a name can have, so that "a/x" comes before "a.txt": all of a folder before its next sibling.
        int common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length - right.Length;
        }

        return Rank(left[common]) - Rank(right[common]);

        static int Rank(byte value) => value == (byte)'/' ? 0 : value;
    }

    private string? Check(ManifestEntry entry)
    {
        SafeRelativePath parent = entry.Path.Parent;
        if (Previous.IsEmpty)
        {
            return parent.IsEmpty ? null : "comes first but is not the result itself";
        }

        if (parent.IsEmpty)
        {
            return "is a second result; a transfer has one";
        }

        if (Compare(Previous.Bytes, entry.Path.Bytes) >= 0)
        {
            return $"comes after '{Previous}', against the order of paths";
        }

        // Every folder on the way to the entry before was announced; the parent must be one of them.
        SafeRelativePath open = PreviousKind == EntryKind.Folder ? Previous : Previous.Parent;
        return open.IsWithin(parent) ? null : "lies in a folder that was not announced as one";
    }
}
