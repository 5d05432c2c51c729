namespace ClusterTransfer.Transport.Buffers;

/// <summary>The size classes buffers come in: chunk sizes are powers of two, and each carries up to 64 KiB of prefix.</summary>
/// <remarks>A plain power of two would waste half of each buffer: the body of a 4 MiB chunk is a little longer than 4 MiB.</remarks>
internal static class BufferSizes
{
    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;
    private const int Prefix = 64 * KiB;

    public static readonly int[] Classes =
        [KiB, 8 * KiB, 64 * KiB, MiB + Prefix, (2 * MiB) + Prefix, (4 * MiB) + Prefix, (8 * MiB) + Prefix, (16 * MiB) + Prefix];

    /// <summary>The largest buffer there is: one chunk of 16 MiB with its prefix.</summary>
    public static int Largest => Classes[^1];

    /// <summary>Index of the smallest class that holds <paramref name="size"/> bytes.</summary>
    public static int ClassOf(int size)
    {
        int index = 0;
        while (Classes[index] < size)
        {
            index++;
        }

        return index;
    }
}
