namespace ClusterTransfer.Benchmarks.Transfer.Data;

/// <summary>What is copied: one file, or one folder with all beneath it.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Folder">Where it lies; what servers serve.</param>
/// <param name="Item">Its name in there.</param>
/// <param name="Files">Files of a folder, relative to <paramref name="Folder"/>, separated by slashes; of a file that one.</param>
/// <param name="Bytes">All their bytes.</param>
internal sealed record DataSet(string Name, string Folder, string Item, IReadOnlyList<string> Files, long Bytes)
{
    public string Path => System.IO.Path.Combine(Folder, Item);

    public bool IsTree => Directory.Exists(Path);

    /// <summary>Reads every byte, so that each copy finds it in the page cache as far as it fits.</summary>
    public void Read()
    {
        byte[] buffer = new byte[1 << 20];
        foreach (string file in Files)
        {
            using FileStream stream = new(System.IO.Path.Combine(Folder, file), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            while (stream.Read(buffer) > 0)
            {
            }
        }
    }
}
