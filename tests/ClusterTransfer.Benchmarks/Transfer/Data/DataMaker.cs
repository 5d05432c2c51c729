using System.Globalization;

namespace ClusterTransfer.Benchmarks.Transfer.Data;

/// <summary>Makes data sets by seed; one that is there already, complete, is taken as it is.</summary>
/// <param name="folder">Where they are kept.</param>
/// <param name="cancellationToken">Ends it between two pieces; what is unfinished is made anew the next time.</param>
internal sealed class DataMaker(string folder, CancellationToken cancellationToken)
{
    private const int Buffer = 1 << 20;

    /// <summary>One file that nothing compresses.</summary>
    public DataSet Incompressible(string name, long bytes)
    {
        var random = new SeededBytes(1);
        return File(name, string.Create(CultureInfo.InvariantCulture, $"random-{bytes}.bin"), bytes, random.Fill);
    }

    /// <summary>One file that compresses as a system's files do.</summary>
    public DataSet Compressible(string name, long bytes)
    {
        var content = new SystemLikeBytes(2);
        return File(name, string.Create(CultureInfo.InvariantCulture, $"system-{bytes}.tar"), bytes, content.Fill);
    }

    /// <summary>A folder of many files.</summary>
    public DataSet Tree(string name, int files)
    {
        string item = string.Create(CultureInfo.InvariantCulture, $"tree-{files}");
        (string Path, int Bytes)[] shape = [.. TreeShape.Files(files, seed: 3)];
        string whole = Path.Combine(folder, item);
        if (!Directory.Exists(whole))
        {
            var content = new SystemLikeBytes(4);
            string unfinished = whole + ".new";
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            foreach ((string path, int bytes) in shape)
            {
                cancellationToken.ThrowIfCancellationRequested();
                string file = Path.Combine(unfinished, path);
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                Write(file, bytes, content.Fill);
            }

            Directory.Move(unfinished, whole);
        }

        return new DataSet(name, folder, item, [.. shape.Select(file => $"{item}/{file.Path}")], shape.Sum(file => (long)file.Bytes));
    }

    private DataSet File(string name, string item, long bytes, Fill fill)
    {
        string whole = Path.Combine(folder, item);
        if (!System.IO.File.Exists(whole))
        {
            Write(whole + ".new", bytes, fill);
            System.IO.File.Move(whole + ".new", whole);
        }

        return new DataSet(name, folder, item, [item], bytes);
    }

    private void Write(string path, long bytes, Fill fill)
    {
        byte[] buffer = new byte[(int)Math.Min(Buffer, bytes)];
        using FileStream stream = new(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (long left = bytes; left > 0; left -= buffer.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            fill(part);
            stream.Write(part);
        }
    }

    private delegate void Fill(Span<byte> bytes);
}
