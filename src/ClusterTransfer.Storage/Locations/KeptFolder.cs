using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Locations;

/// <summary>Something that lies in a node's private folder of transfers.</summary>
/// <param name="Name">Its name there, escaped for showing.</param>
/// <param name="Transfer">The transfer it is of; null for what is not ours: that is named and never touched.</param>
/// <param name="Bytes">What it takes on the disk.</param>
/// <param name="LastWritten">When anything in it was written last.</param>
public sealed record KeptFolder(string Name, TransferId? Transfer, long Bytes, DateTimeOffset LastWritten)
{
    /// <summary>What is in a folder, a page at a time in the order of the names' bytes, but for the names that belong to the folder itself. Follows no link and looks no
    /// deeper than a transfer's files.</summary>
    /// <param name="parent">A handle of the caller's own: listing moves its position.</param>
    /// <param name="isOwn">Whether a name belongs to the folder itself.</param>
    /// <param name="after">The last name of the page before; empty for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <returns>The page, and the name it ended with when there are more.</returns>
    /// <exception cref="NativeException">The folder could not be listed.</exception>
    internal static (IReadOnlyList<KeptFolder> Kept, byte[]? Last) In(FolderHandle parent, Func<byte[], bool> isOwn, byte[] after, int limit)
    {
        List<byte[]> names = [];
        parent.List(name =>
        {
            if (name.SequenceCompareTo(after) > 0)
            {
                names.Add(name.ToArray());
            }
        });
        byte[][] sorted = [.. names.Where(name => !isOwn(name)).Order(Comparer<byte[]>.Create(static (x, y) => x.AsSpan().SequenceCompareTo(y)))];
        byte[][] page = sorted[..Math.Min(limit, sorted.Length)];
        List<KeptFolder> kept = [];
        foreach (byte[] name in page)
        {
            if (Find(parent, name) is { } found)
            {
                kept.Add(found);
            }
        }

        return (kept, page.Length < sorted.Length ? page[^1] : null);
    }

    /// <summary>What has this name in a folder; null when nothing has.</summary>
    internal static KeptFolder? Find(FolderHandle parent, byte[] name) =>
        parent.TryStatus(name, out FileStatus status) == Errno.None ? Describe(parent, name, status) : null;

    private static KeptFolder Describe(FolderHandle parent, byte[] name, in FileStatus status)
    {
        long bytes = status.AllocatedBytes;
        long newest = status.ModifiedNs;
        if (status.Kind != FileKind.Folder
            || !TransferId.TryParse(Encoding.UTF8.GetString(name), null, out TransferId id)
            || parent.TryOpenFolder(name, out FolderHandle? folder) != Errno.None)
        {
            return new KeptFolder(PathText.Escape(name), null, bytes, TimeOf(newest));
        }

        using (folder)
        {
            List<byte[]> files = [];
            folder!.List(file => files.Add(file.ToArray())); // open when there was no error
            foreach (byte[] file in files)
            {
                if (folder.TryStatus(file, out FileStatus of) == Errno.None)
                {
                    bytes += of.AllocatedBytes;

                    // A staged file has the time of its source in the end; when its inode changed nobody can set.
                    newest = Math.Max(newest, of.ChangedNs);
                }
            }
        }

        return new KeptFolder(id.Value, id, bytes, TimeOf(newest));
    }

    private static DateTimeOffset TimeOf(long ns) => DateTimeOffset.UnixEpoch.AddTicks(ns / TimeSpan.NanosecondsPerTick);
}
