namespace ClusterTransfer.Node.Configuration;

/// <summary>Finds what an unknown key was probably meant to be.</summary>
internal static class NearestKey
{
    // The work grows with the product of the lengths; no key is nearly that long.
    private const int MaxLength = 100;

    /// <summary>The known key that is nearest; null when none is near.</summary>
    public static string? Find(string unknown, IEnumerable<string> known)
    {
        if (unknown.Length > MaxLength)
        {
            return null;
        }

        string name = LastElement(unknown);
        (string? key, int distance) best = (null, int.MaxValue);
        foreach (string key in known)
        {
            // The right name in the wrong section is as good a guess as a slip of the finger.
            int distance = LastElement(key) == name ? 1 : Distance(unknown, key);
            if (distance < best.distance)
            {
                best = (key, distance);
            }
        }

        return best.distance <= Math.Max(2, unknown.Length / 4) ? best.key : null;
    }

    /// <summary>Insertions, deletions and replacements between two short texts.</summary>
    public static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }

    private static string LastElement(string path) => path[(path.LastIndexOf('.') + 1)..];
}
