using System.Globalization;

namespace ClusterTransfer.Benchmarks.Transfer.Data;

/// <summary>Where copies arrive: an empty folder for each, and a place for those that were measured.</summary>
/// <remarks>
/// An ext4 without a journal does not take a deleted inode again for some minutes and searches past all of them for each new file: a tree written right after
/// another was deleted costs up to twenty times the system time. So trees are emptied of their bytes and set aside, and deleted when all is measured.
/// </remarks>
internal sealed class Landing(string folder)
{
    private readonly string _aside = Path.Combine(folder, ".aside");
    private int _count;

    /// <summary>The folder in which a tool makes its destinations.</summary>
    public string Of(string tool) => Directory.CreateDirectory(Path.Combine(folder, tool)).FullName;

    /// <summary>Clears a destination away.</summary>
    /// <param name="destination">A folder beneath <see cref="Of"/>.</param>
    public void Clear(string destination)
    {
        if (!Directory.Exists(destination))
        {
            return;
        }

        string aside = Path.Combine(Directory.CreateDirectory(_aside).FullName, (++_count).ToString(CultureInfo.InvariantCulture));
        Directory.Move(destination, aside);
        foreach (string file in Directory.EnumerateFiles(aside, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
        {
            using FileStream stream = new(file, FileMode.Truncate);
        }
    }
}
