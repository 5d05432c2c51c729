namespace ClusterTransfer.Transport.Buffers;

/// <summary>The size classes buffers come in: chunk sizes are powers of two, and each carries up to 64 KiB of prefix. Besides, each of them has
/// a page to spare, so that the payload can be made to begin on a page wherever the buffer begins.</summary>
/// <remarks>A plain power of two would waste half of each buffer: the body of a 4 MiB chunk is a little longer than 4 MiB.</remarks>
internal static class BufferSizes
{
    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;
    private const int Prefix = 64 * KiB;

    /// <summary>What a disk that is written past the page cache wants memory to lie on.</summary>
    public const int Page = 4 * KiB;

    public static readonly int[] Classes =
    [
        KiB, 8 * KiB, 64 * KiB, MiB + Prefix + Page, (2 * MiB) + Prefix + Page, (4 * MiB) + Prefix + Page, (8 * MiB) + Prefix + Page, (16 * MiB) + Prefix + Page,
    ];

    /// <summary>The most that may be asked for of a class: what is left of it when the payload begins on a page.</summary>
    public static int MostOf(int sizeClass) => Classes[sizeClass] > MiB ? Classes[sizeClass] - Page : Classes[sizeClass];

    /// <summary>Where in memory that begins at <paramref name="address"/> a lease must begin so that its byte <paramref name="paged"/> is the first of a page.</summary>
    public static int StartOf(nint address, int paged) => (int)(-(address + paged) & (Page - 1));

    /// <summary>Index of the smallest class that holds <paramref name="size"/> bytes.</summary>
    public static int ClassOf(int size)
    {
        int index = 0;
        while (MostOf(index) < size)
        {
            index++;
        }

        return index;
    }
}
