using System.Runtime.InteropServices;
using ClusterTransfer.Storage.Native;

namespace ClusterTransfer.Storage.Outgoing.Scanning;

/// <summary>The names of one folder, sorted by their bytes. One block and one number a name, because a folder may have a million.</summary>
internal sealed class FolderNames
{
    private readonly byte[] _bytes;
    private readonly List<(int Start, int Length)> _names;

    private FolderNames(byte[] bytes, List<(int Start, int Length)> names)
    {
        _bytes = bytes;
        _names = names;
    }

    /// <summary>How many.</summary>
    public int Count => _names.Count;

    /// <summary>A name, from 0.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_names[index].Start, _names[index].Length);

    /// <summary>Lists and sorts a folder.</summary>
    /// <exception cref="NativeException">The folder could not be listed to its end.</exception>
    public static FolderNames Of(FolderHandle folder)
    {
        List<byte> bytes = [];
        List<(int Start, int Length)> names = [];
        folder.List(name =>
        {
            names.Add((bytes.Count, name.Length));
            CollectionsMarshal.SetCount(bytes, bytes.Count + name.Length);
            name.CopyTo(CollectionsMarshal.AsSpan(bytes)[^name.Length..]);
        });
        byte[] all = [.. bytes];
        names.Sort((a, b) => all.AsSpan(a.Start, a.Length).SequenceCompareTo(all.AsSpan(b.Start, b.Length)));
        return new FolderNames(all, names);
    }

    /// <summary>Place of the first name that sorts after the given one, which need not be there any more.</summary>
    public int FirstAfter(ReadOnlySpan<byte> name)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (this[middle].SequenceCompareTo(name) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
