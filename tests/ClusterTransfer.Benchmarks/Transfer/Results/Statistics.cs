namespace ClusterTransfer.Benchmarks.Transfer.Results;

/// <summary>What is made of several runs.</summary>
internal static class Statistics
{
    /// <summary>The middle one; of an even number the mean of the two in the middle; NaN of none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>How many times as fast one is as another.</summary>
    /// <param name="seconds">The time of one.</param>
    /// <param name="other">The time of the other.</param>
    /// <returns>2 for half the time; NaN when either is unknown or nothing.</returns>
    public static double Speedup(double seconds, double other) => seconds > 0 && other > 0 ? other / seconds : double.NaN;

    /// <summary>
    /// The order of a round: each round begins with the next one, and every other round goes backwards, so that nobody always has the same neighbour before it.
    /// </summary>
    /// <param name="items">What takes part.</param>
    /// <param name="round">From 0 on.</param>
    public static IReadOnlyList<T> Rotate<T>(IReadOnlyList<T> items, int round)
    {
        if (items.Count == 0)
        {
            return items;
        }

        int first = round % items.Count;
        IEnumerable<T> turned = items.Skip(first).Concat(items.Take(first));
        return [.. round % 2 == 0 ? turned : turned.Reverse()];
    }
}
