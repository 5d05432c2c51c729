using ClusterTransfer.Model;
using ClusterTransfer.Storage.Locations;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Outgoing.Scanning;

/// <summary>What a transfer copies, and how a path in the transfer maps to a path in the location.</summary>
/// <param name="Location">Where.</param>
/// <param name="Root">The copied file or folder in the location; empty for the location itself.</param>
/// <param name="ResultName">Its one-segment name in the transfer.</param>
internal sealed record SourceTree(Location Location, SafeRelativePath Root, SafeRelativePath ResultName)
{
    /// <summary>Checks what a transfer was asked to copy.</summary>
    /// <exception cref="ClusterTransferException">The name is not one name, or the path belongs to ClusterTransfer.</exception>
    public static SourceTree Create(Location location, SafeRelativePath root, string? resultName)
    {
        if (location.Refuse(root) is { } refusal)
        {
            throw new ClusterTransferException(refusal);
        }

        return new SourceTree(location, root, NameOf(location, root, resultName));
    }

    /// <summary>The path in the location that a path in the transfer stands for.</summary>
    /// <exception cref="ArgumentException">The path is not of this transfer, or longer than paths can be.</exception>
    public SafeRelativePath ToSource(SafeRelativePath path)
    {
        if (!path.IsWithin(ResultName))
        {
            throw new ArgumentException($"'{path}' is not of this transfer.", nameof(path));
        }

        ReadOnlySpan<byte> rest = path.Bytes[ResultName.Bytes.Length..];
        return rest.IsEmpty ? Root : Root.Combine(Parse(rest[1..]));
    }

    /// <summary>What the copied file or folder is now; a link itself.</summary>
    /// <exception cref="ClusterTransferException">It cannot be found or looked at.</exception>
    public FileStatus RootStatus()
    {
        if (Root.IsEmpty)
        {
            return Location.Root.Status();
        }

        Errno errno = Location.Root.TryOpenFolder(Root.Parent.Bytes, out FolderHandle? parent);
        FileStatus status = default;
        using (parent)
        {
            errno = parent is null ? errno : parent.TryStatus(Root.Name, out status);
        }

        return errno == Errno.None ? status : throw new ClusterTransferException(SourceProblems.Of(errno, $"{Location.Name}:{Root}"));
    }

    private static SafeRelativePath NameOf(Location location, SafeRelativePath root, string? resultName)
    {
        if (resultName is null)
        {
            return root.IsEmpty ? Parse(System.Text.Encoding.ASCII.GetBytes(location.Name.Value)) : Parse(root.Name);
        }

        return SafeRelativePath.TryParse(resultName, out SafeRelativePath? name, out string? problem) && !name.IsEmpty && name.Parent.IsEmpty
            ? name
            : throw new ClusterTransferException(
                Reason.InvalidRequest, $"'{PathText.Escape(resultName)}' is not a name for the result: {problem ?? "want one name without '/'"}.");
    }

    private static SafeRelativePath Parse(ReadOnlySpan<byte> bytes) =>
        SafeRelativePath.TryCreate(bytes, out SafeRelativePath? path, out string? problem) ? path : throw new ArgumentException(problem, nameof(bytes));
}
